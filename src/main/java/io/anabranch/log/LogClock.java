package io.anabranch.log;

import java.util.function.LongSupplier;

/**
 * The time, twice: as everybody has it, and as things age. The first may be set while the hub runs;
 * what is forgotten after a while must not be forgotten for that.
 */
@FunctionalInterface
public interface LogClock {
    /** The system's clock, in ms since 1970 UTC. It may jump, in both directions. */
    long wallMs();

    /** What {@link #wallMs()} would be had nobody set it since this clock was made: only grows. */
    default long steadyMs() {
        return wallMs();
    }

    /** The clocks of the system. */
    static LogClock system() {
        return of(System::currentTimeMillis, () -> System.nanoTime() / 1_000_000);
    }

    /**
     * @param elapsed ms since any moment, never set
     */
    static LogClock of(LongSupplier wall, LongSupplier elapsed) {
        long begin = wall.getAsLong() - elapsed.getAsLong();
        return new LogClock() {
            @Override
            public long wallMs() {
                return wall.getAsLong();
            }

            @Override
            public long steadyMs() {
                return begin + elapsed.getAsLong();
            }
        };
    }
}
