package io.anabranch.polyglot;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Watches over the turns of one script. By any thread. */
final class Turns {
    private final long limitMs;
    private @Nullable Thread running;
    private long began;
    private boolean late;
    private boolean breakingOff;

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

    /**
     * Whether a turn is in progress that takes too long, and nobody is breaking it off: who asks
     * does, and says when that is {@link #tried}. A turn may be late before it has come to the
     * script, where a first try does nothing.
     */
    synchronized boolean findLate() {
        boolean found =
                !breakingOff
                        && running != null
                        && System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(limitMs);
        late |= found;
        breakingOff |= found;
        return found;
    }

    synchronized void tried() {
        breakingOff = false;
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
