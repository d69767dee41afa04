package io.anabranch.cli;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: full jitter, anything up to a bound that doubles with
 * each failure.
 */
final class Backoff {
    static final long FIRST_MS = 500;
    static final long LONGEST_MS = 30_000;

    private final RandomGenerator random;
    private long boundMs = FIRST_MS;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /**
     * The next wait, in ms.
     *
     * @param leastMs what the hub asked for; 0 for nothing
     */
    long next(long leastMs) {
        long wait = leastMs + random.nextLong(boundMs + 1);
        boundMs = Math.min(LONGEST_MS, boundMs * 2);
        return wait;
    }

    /** The hub was reached again. */
    void reset() {
        boundMs = FIRST_MS;
    }
}
