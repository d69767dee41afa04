package io.anabranch.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * How long something took, in µs.
 *
 * @param count how often it was measured; without any all else is 0 or empty
 * @param percentiles by percentile, rising
 * @param curve the whole distribution, rising
 */
public record Latency(
        long count,
        long min,
        double mean,
        long max,
        Map<Double, Long> percentiles,
        List<Point> curve) {
    private static final List<Double> PERCENTILES =
            List.of(50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99);

    /** Points of the curve for each halving of what is left above. */
    private static final int STEPS = 5;

    /** A percentile (0 to 100) and the latency that so many per cent have at most. */
    public record Point(double percentile, long micros) {}

    static Latency of(Histogram histogram) {
        if (histogram.getTotalCount() == 0) {
            return new Latency(0, 0, 0, 0, Map.of(), List.of());
        }
        Map<Double, Long> percentiles = new LinkedHashMap<>();
        PERCENTILES.forEach(
                percentile ->
                        percentiles.put(percentile, histogram.getValueAtPercentile(percentile)));
        List<Point> curve = new ArrayList<>();
        histogram
                .percentiles(STEPS)
                .forEach(
                        value ->
                                curve.add(
                                        new Point(
                                                value.getPercentile(),
                                                value.getValueIteratedTo())));
        return new Latency(
                histogram.getTotalCount(),
                histogram.getMinValue(),
                histogram.getMean(),
                histogram.getMaxValue(),
                percentiles,
                curve);
    }

    /** The latency that so many per cent have at most, in µs; 0 without any. */
    public long at(double percentile) {
        return percentiles.getOrDefault(percentile, 0L);
    }
}
