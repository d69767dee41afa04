package io.anabranch.log.sqlite;

/** When a step of background work ends. */
final class Deadline {
    private final long endNanos;

    private Deadline(long endNanos) {
        this.endNanos = endNanos;
    }

    static Deadline in(long ms) {
        return new Deadline(System.nanoTime() + ms * 1_000_000);
    }

    boolean isOver() {
        return System.nanoTime() - endNanos >= 0;
    }
}
