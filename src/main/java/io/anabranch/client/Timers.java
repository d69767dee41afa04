package io.anabranch.client;

import io.vertx.core.Vertx;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** One timer per name: a new one replaces the old. */
final class Timers {
    enum Name {
        HEAD_START,
        TRIAL,
        STEADY,
        PROBE,
        WATCH,
        ANSWER,
        SILENCE,
        WAIT
    }

    private final Vertx vertx;
    private final Map<Name, Long> ids = new EnumMap<>(Name.class);
    private boolean closed;

    Timers(Vertx vertx) {
        this.vertx = vertx;
    }

    void after(Name name, long delayMs, Runnable action) {
        cancel(name);
        // A listener may have closed everything in the middle of a change.
        if (!closed) {
            ids.put(name, vertx.setTimer(Math.max(1, delayMs), unused -> run(name, action)));
        }
    }

    private void run(Name name, Runnable action) {
        ids.remove(name);
        action.run();
    }

    boolean has(Name name) {
        return ids.containsKey(name);
    }

    void cancel(Name name) {
        Long id = ids.remove(name);
        if (id != null) {
            vertx.cancelTimer(id);
        }
    }

    /** Cancels all; none is set any more. */
    void close() {
        closed = true;
        List.copyOf(ids.keySet()).forEach(this::cancel);
    }
}
