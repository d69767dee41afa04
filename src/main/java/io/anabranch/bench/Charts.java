package io.anabranch.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The charts of a report. */
final class Charts {
    private static final int WIDE = 960;
    private static final int HALF = 470;
    private static final List<Double> MARKED = List.of(50.0, 90.0, 99.0, 99.9, 99.99);
    private static final double MICROS_PER_MS = 1_000;

    private Charts() {}

    /** The CSS class of a transport's colour. */
    static String style(Transport transport) {
        return transport == Transport.SSE ? "side" : "main";
    }

    /** Each percentile's latency, by transport, beside the hub's answers to the publishers. */
    static String percentiles(Report report) {
        List<Chart.Line> lines = new ArrayList<>();
        lines.add(curve("faint", report.answers(), false));
        boolean alone = report.latencies().size() == 1;
        report.latencies()
                .forEach((transport, one) -> lines.add(curve(style(transport), one, alone)));
        return new Chart(
                        "Latency by percentile",
                        WIDE,
                        Axis.percentiles(report.latency().count()),
                        "percentile",
                        millis(lines.stream().flatMap(line -> line.points().stream())),
                        "ms",
                        lines)
                .svg();
    }

    private static Chart.Line curve(String style, Latency latency, boolean marked) {
        List<Chart.Point> points =
                latency.curve().stream().map(one -> point(one.percentile(), one.micros())).toList();
        List<Chart.Mark> marks = new ArrayList<>();
        for (double percentile : marked ? MARKED : List.<Double>of()) {
            if (latency.count() * (1 - percentile / 100) >= 1) {
                long micros = latency.at(percentile);
                marks.add(new Chart.Mark(point(percentile, micros), Words.millis(micros)));
            }
        }
        return new Chart.Line(style, false, points, marks);
    }

    private static Chart.Point point(double x, long micros) {
        return new Chart.Point(x, Math.max(1, micros) / MICROS_PER_MS);
    }

    private static Axis millis(Stream<Chart.Point> points) {
        double[] all = points.mapToDouble(Chart.Point::y).sorted().toArray();
        return all.length == 0
                ? Axis.logarithmic(1, 10)
                : Axis.logarithmic(all[0] * 0.9, all[all.length - 1] * 1.1);
    }

    /** Deliveries a second, over time. */
    static String deliveries(Report report) {
        double most =
                report.timeline().stream().mapToDouble(Report.Second::deliveryRate).max().orElse(0);
        Chart.Line line = over(report, "main", true, Report.Second::deliveryRate);
        return time(
                report, "Deliveries a second", Axis.fromZero(most * 1.05), "per s", List.of(line));
    }

    /** Median, 99th percentile and greatest latency, second by second. */
    static String latencies(Report report) {
        List<Chart.Line> lines =
                List.of(
                        over(report, "faint", false, second -> ms(second.maxMicros())),
                        over(report, "side", false, second -> ms(second.p99Micros())),
                        over(report, "main", false, second -> ms(second.p50Micros())));
        Axis y = millis(lines.stream().flatMap(line -> line.points().stream()));
        return time(report, "Latency over time", y, "ms", lines);
    }

    private static double ms(long micros) {
        return Math.max(1, micros) / MICROS_PER_MS;
    }

    private static Chart.Line over(
            Report report, String style, boolean filled, ToDoubleFunction<Report.Second> value) {
        List<Chart.Point> points = new ArrayList<>();
        for (Report.Second one : report.timeline()) {
            double height = value.applyAsDouble(one);
            if (points.isEmpty()) {
                points.add(new Chart.Point(0, height));
            }
            points.add(new Chart.Point(one.second(), height));
        }
        return new Chart.Line(style, filled, points, List.of());
    }

    private static String time(
            Report report, String title, Axis y, String yName, List<Chart.Line> lines) {
        Axis x = Axis.time(report.messages().measuredSeconds());
        return new Chart(title, HALF, x, "seconds", y, yName, lines).svg();
    }

    /** What colours mean, as a list. */
    static String legend(Map<String, String> wordsByStyle) {
        StringBuilder list = new StringBuilder("<ul class='legend'>");
        wordsByStyle.forEach(
                (style, words) -> list.append("<li class='%s'>%s</li>".formatted(style, words)));
        return list.append("</ul>\n").toString();
    }
}
