package io.anabranch.bench;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.HdrHistogram.SingleWriterRecorder;

/** Histograms of microseconds, three digits each, up to an hour. */
final class Latencies {
    private static final long MAX_MICROS = 3_600_000_000L;
    private static final int DIGITS = 3;

    private Latencies() {}

    static Histogram histogram() {
        return new Histogram(MAX_MICROS, DIGITS);
    }

    static SingleWriterRecorder recorder() {
        return new SingleWriterRecorder(MAX_MICROS, DIGITS);
    }

    /** For many threads. */
    static Recorder sharedRecorder() {
        return new Recorder(MAX_MICROS, DIGITS);
    }

    /** What a histogram takes, whatever the clocks say. */
    static long micros(long nanos) {
        return Math.max(0, Math.min(MAX_MICROS, nanos / 1_000));
    }
}
