package io.anabranch.bench;

/** The time of a run, in ns since it began. For all threads. */
final class Clock {
    private final long origin = System.nanoTime();
    private volatile long measuredFrom = Long.MAX_VALUE;
    private volatile long measuredTo = Long.MAX_VALUE;

    long now() {
        return System.nanoTime() - origin;
    }

    void beginMeasuring(long nanos) {
        measuredFrom = nanos;
    }

    void endMeasuring(long nanos) {
        measuredTo = nanos;
    }

    /** Whether what is due then belongs to what is measured. */
    boolean isMeasured(long nanos) {
        return nanos >= measuredFrom && nanos < measuredTo;
    }
}
