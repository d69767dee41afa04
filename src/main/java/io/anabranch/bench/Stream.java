package io.anabranch.bench;

/**
 * What one reader has of one publisher on one channel. The numbers count up from 0; some may be
 * missing, as the hub may refuse a publish.
 */
final class Stream {
    /** What a number means to those before it. */
    enum Arrival {
        NEXT,
        LATE,
        REPEATED
    }

    private long last = -1;

    /** Bit i: whether {@code last - i} came. What is older counts as come. */
    private long come;

    private long distinct;

    Arrival take(long n) {
        long ahead = n - last;
        if (ahead > 0) {
            come = ahead < Long.SIZE ? come << ahead | 1 : 1;
            last = n;
            distinct++;
            return Arrival.NEXT;
        }
        long bit = -ahead < Long.SIZE ? 1L << -ahead : 0;
        if (bit == 0 || (come & bit) != 0) {
            return Arrival.REPEATED;
        }
        come |= bit;
        distinct++;
        return Arrival.LATE;
    }

    /** How many different ones came. */
    long distinct() {
        return distinct;
    }
}
