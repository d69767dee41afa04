package io.anabranch.http;

import java.util.concurrent.TimeUnit;

/**
 * Lets so many pass a second, and after a pause as many at once. It keeps no more than the time at
 * which it would be full again (the generic cell rate algorithm, ITU-T I.371). Safe for use by any
 * thread.
 */
final class TokenBucket {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long nanosEach;
    private boolean used;
    private long fullAt;

    TokenBucket(int perSecond) {
        this.nanosEach = SECOND / perSecond;
    }

    /**
     * Takes one, if there is one.
     *
     * @param now {@link System#nanoTime()}
     * @return 0, or after how many nanoseconds there will be one
     */
    synchronized long take(long now) {
        long from = isFull(now) ? now : fullAt;
        long wait = from + nanosEach - now - SECOND;
        if (wait > 0) {
            return wait;
        }
        used = true;
        fullAt = from + nanosEach;
        return 0;
    }

    /** Puts back what was taken for nothing. */
    synchronized void putBack() {
        fullAt -= nanosEach;
    }

    /** Whether it is as good as a new one. */
    synchronized boolean isFull(long now) {
        return !used || now - fullAt >= 0;
    }
}
