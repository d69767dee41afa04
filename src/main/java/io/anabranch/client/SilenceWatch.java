package io.anabranch.client;

import io.anabranch.client.Timers.Name;
import java.util.function.Consumer;

/** Watches whether the link that serves still speaks. */
final class SilenceWatch {
    private final Timers timers;
    private final Consumer<Link> onSilent;

    /**
     * @param onSilent is told when nothing came for two heartbeats, nor after a question
     */
    SilenceWatch(Timers timers, Consumer<Link> onSilent) {
        this.timers = timers;
        this.onSilent = onSilent;
    }

    /** Looks four times a heartbeat. */
    void watch(Link link) {
        timers.cancel(Name.ANSWER);
        lookLater(link);
    }

    private void lookLater(Link link) {
        long period = Math.min(link.heartbeat(), Timing.LONGEST_TICK) / 4;
        timers.after(Name.WATCH, period, () -> look(link));
    }

    private void look(Link link) {
        boolean silent = Timing.now() - link.heardAt() >= link.heartbeat();
        if (silent && !timers.has(Name.ANSWER)) {
            ask(link);
        }
        lookLater(link);
    }

    private void ask(Link link) {
        long heardAt = link.heardAt();
        if (link.pingable()) {
            link.ping();
        }
        long left = heardAt + 2 * link.heartbeat() - Timing.now();
        timers.after(
                Name.ANSWER,
                Math.max(Timing.ANSWER_WITHIN, left),
                () -> {
                    if (link.heardAt() <= heardAt) {
                        onSilent.accept(link);
                    }
                });
    }

    void stop() {
        timers.cancel(Name.WATCH);
        timers.cancel(Name.ANSWER);
    }
}
