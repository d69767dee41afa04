package io.anabranch.polyglot;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Watches over the turns of one script. By any thread. */
final class Turns {
    private final long limitMs;
    private @Nullable Thread running;
    private long began;
    private boolean late;

    /**
     * @param limitMs how long one may take, in ms
     */
    Turns(long limitMs) {
        this.limitMs = limitMs;
    }

    synchronized void begin() {
        running = Thread.currentThread();
        began = System.nanoTime();
    }

    /** Takes back an interruption that came for this turn: the thread goes on to others. */
    synchronized void end() {
        running = null;
        if (late) {
            boolean unused = Thread.interrupted();
        }
    }

    /** Whether a turn is in progress that takes too long. Says so once. */
    synchronized boolean findLate() {
        boolean found =
                !late
                        && running != null
                        && System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(limitMs);
        late |= found;
        return found;
    }

    /** Whether a turn took too long. */
    synchronized boolean wereLate() {
        return late;
    }

    /** Interrupts the thread of the turn in progress. */
    synchronized void interruptThread() {
        if (running != null) {
            running.interrupt();
        }
    }

    long limitMs() {
        return limitMs;
    }
}
