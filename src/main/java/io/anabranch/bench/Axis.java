package io.anabranch.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where values stand on an axis of a chart, from 0 to 1.
 *
 * @param ticks values that are marked, rising
 * @param labels theirs, as many
 */
record Axis(Scale scale, double least, double most, List<Double> ticks, List<String> labels) {
    private static final double[] NICE = {1, 2, 5};
    private static final double[] PERCENTILES = {0, 50, 90, 99, 99.9, 99.99, 99.999};
    private static final int TICKS = 6;

    /** How values are spread. */
    enum Scale {
        LINEAR,
        LOGARITHMIC,
        /** Each further nine has the same room: 90, 99, 99.9 per cent. */
        NINES;

        private double of(double value) {
            return switch (this) {
                case LINEAR -> value;
                case LOGARITHMIC -> Math.log10(value);
                case NINES -> -Math.log10(1 - value / 100);
            };
        }
    }

    /** From 0 to at least {@code most}. */
    static Axis fromZero(double most) {
        double step = step(Math.max(most, 1) / TICKS);
        double end = Math.ceil(Math.max(most, 1) / step) * step;
        return linear(end, step);
    }

    /** From 0 to exactly {@code most}. */
    static Axis time(double most) {
        return linear(Math.max(most, 1), step(Math.max(most, 1) / TICKS));
    }

    private static Axis linear(double end, double step) {
        List<Double> ticks = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (double tick = 0; tick <= end * 1.0001; tick += step) {
            ticks.add(tick);
            labels.add(compact(tick));
        }
        return new Axis(Scale.LINEAR, 0, end, ticks, labels);
    }

    private static double step(double least) {
        double decade = Math.pow(10, Math.floor(Math.log10(least)));
        for (double nice : NICE) {
            if (nice * decade >= least) {
                return nice * decade;
            }
        }
        return 10 * decade;
    }

    /** Over 1, 2, 5, 10 and so on, around two values above 0. */
    static Axis logarithmic(double least, double most) {
        double begin = Math.log10(least);
        double end = Math.max(Math.log10(most), begin + 0.5);
        boolean wide = end - begin > 2.5;
        List<Double> ticks = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int decade = (int) Math.floor(begin); decade <= end; decade++) {
            for (double nice : wide ? new double[] {1} : NICE) {
                double tick = nice * Math.pow(10, decade);
                if (Math.log10(tick) >= begin && Math.log10(tick) <= end) {
                    ticks.add(tick);
                    labels.add(compact(tick));
                }
            }
        }
        return new Axis(Scale.LOGARITHMIC, Math.pow(10, begin), Math.pow(10, end), ticks, labels);
    }

    /** Percentiles up to the last that so many values can tell apart. */
    static Axis percentiles(long count) {
        double most = 100 - 100.0 / Math.max(10, Math.min(count, 1_000_000));
        List<Double> ticks = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (double percentile : PERCENTILES) {
            if (percentile <= most) {
                ticks.add(percentile);
                labels.add(Words.percentile(percentile) + " %");
            }
        }
        return new Axis(Scale.NINES, 0, most, ticks, labels);
    }

    /** 0 at the least, 1 at the most; what lies outside is brought to the border. */
    double at(double value) {
        double within = Math.max(least, Math.min(most, value));
        return (scale.of(within) - scale.of(least)) / (scale.of(most) - scale.of(least));
    }

    private static String compact(double value) {
        if (value >= 1_000_000) {
            return trimmed(value / 1_000_000) + "M";
        }
        return value >= 1_000 ? trimmed(value / 1_000) + "k" : trimmed(value);
    }

    private static String trimmed(double value) {
        return String.format(Locale.ROOT, "%.3f", value).replaceAll("\\.?0+$", "");
    }
}
