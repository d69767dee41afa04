package io.anabranch.client;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counted since the client connected, over all subscriptions together. Safe for any thread. */
public final class Stats {
    enum Counter {
        MESSAGES,
        REPEATS,
        REPAIRED,
        GAPS
    }

    private final AtomicLongArray counts = new AtomicLongArray(Counter.values().length);

    void count(Counter counter) {
        counts.incrementAndGet(counter.ordinal());
    }

    /** Handed to a handler, fetched ones among them. */
    public long messages() {
        return counts.get(Counter.MESSAGES.ordinal());
    }

    /** Came again, after a change of transport for instance, and were dropped. */
    public long repeats() {
        return counts.get(Counter.REPEATS.ordinal());
    }

    /** Were missing in the stream, and were fetched from history. */
    public long repaired() {
        return counts.get(Counter.REPAIRED.ordinal());
    }

    /** Gap events. */
    public long gaps() {
        return counts.get(Counter.GAPS.ordinal());
    }
}
