package io.anabranch.polyglot;

/** What a script in Groovy knows as {@code vertx}: the event bus with plain values, and timers. */
public final class GroovyVertx {
    private final ScriptHost host;
    private final GroovyEventBus eventBus;

    GroovyVertx(ScriptHost host) {
        this.host = host;
        this.eventBus = new GroovyEventBus(host);
    }

    public GroovyEventBus getEventBus() {
        return eventBus;
    }

    /**
     * Calls {@code handler} once.
     *
     * @param ms from now, at least 1
     * @return a number to cancel it by
     */
    public long setTimer(long ms, Runnable handler) {
        return host.timer(ms, false, handler);
    }

    /**
     * Calls {@code handler} each time so many milliseconds have gone by.
     *
     * @param ms at least 1
     * @return a number to cancel it by
     */
    public long setPeriodic(long ms, Runnable handler) {
        return host.timer(ms, true, handler);
    }

    /** Whether there was a timer to cancel. */
    public boolean cancelTimer(long id) {
        return host.cancel(id);
    }
}
