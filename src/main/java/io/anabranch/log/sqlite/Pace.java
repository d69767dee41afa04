package io.anabranch.log.sqlite;

import java.util.concurrent.TimeUnit;

/**
 * How many rows one step of a chore may touch. A step that took long, with its commit, halves that;
 * one for which it was too little adds to it: so that steps are short on a slow disk, too.
 */
final class Pace {
    /** No step touches more, whatever waits. */
    static final int MOST_ROWS = 16_384;

    private static final int FEWEST_ROWS = 64;
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private int rows = 512;

    int rows() {
        return rows;
    }

    /** A step that might touch {@code allowed} rows has touched {@code spent}. */
    void took(long nanos, int allowed, int spent) {
        if (nanos > LONG_NANOS) {
            rows = Math.max(FEWEST_ROWS, Math.min(rows, spent) / 2);
        } else if (spent >= allowed) {
            rows = Math.min(MOST_ROWS, rows + rows / 8);
        }
    }
}
