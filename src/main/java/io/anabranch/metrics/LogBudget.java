package io.anabranch.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Keeps a flood of events from being a flood of lines: of each kind so many lines in a while, and
 * then how many were left out. Safe for use by any thread.
 */
final class LogBudget {
    private static final class Kind {
        long since;
        int lines;
        long leftOut;
    }

    private final int linesPerWhile;
    private final long whileNanos;
    private final LongSupplier nanos;
    private final Map<String, Kind> kinds = new HashMap<>();

    /**
     * @param nanos such as {@link System#nanoTime}
     */
    LogBudget(int linesPerWhile, long whileNanos, LongSupplier nanos) {
        this.linesPerWhile = linesPerWhile;
        this.whileNanos = whileNanos;
        this.nanos = nanos;
    }

    /**
     * Whether this event of {@code name} gets a line: {@link #NO_LINE}, or how many were left out
     * before it.
     *
     * @param name one of few
     */
    synchronized long ask(String name) {
        Kind kind = kinds.computeIfAbsent(name, unused -> new Kind());
        long now = nanos.getAsLong();
        if (kind.lines == 0 || now - kind.since >= whileNanos) {
            kind.since = now;
            kind.lines = 0;
        }
        if (kind.lines == linesPerWhile) {
            kind.leftOut++;
            return NO_LINE;
        }
        kind.lines++;
        long leftOut = kind.leftOut;
        kind.leftOut = 0;
        return leftOut;
    }

    static final long NO_LINE = -1;
}
