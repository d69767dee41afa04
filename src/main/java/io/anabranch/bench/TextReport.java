package io.anabranch.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A report for a terminal. */
public final class TextReport {
    private static final Pattern LIMIT_OF_HOW_MANY =
            Pattern.compile("limits\\.(connections|publish)\\w*");

    private static final List<Double> SHOWN = List.of(50.0, 90.0, 99.0, 99.9);

    private TextReport() {}

    public static String of(Report report) {
        StringBuilder text = new StringBuilder();
        line(text, "hub", report.hub() + ", " + Words.machine(report.machine()));
        String settings =
                Words.settings(report.settings()).entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", "));
        line(text, "settings", settings);
        line(text, "connected", connected(report));
        Report.Messages messages = report.messages();
        line(
                text,
                "published",
                Words.number(messages.publishRate())
                        + "/s, "
                        + Words.count(messages.accepted())
                        + " of "
                        + Words.count(messages.published())
                        + " accepted");
        line(
                text,
                "delivered",
                Words.number(messages.deliveryRate())
                        + "/s, "
                        + Words.count(messages.deliveries())
                        + " in all");
        latency(text, "latency", report.latency());
        if (report.latencies().size() > 1) {
            report.latencies()
                    .forEach((transport, one) -> latency(text, "  " + transport.word(), one));
        }
        latency(text, "accepted after", report.answers());
        latency(text, "sent after", report.delays());
        report.hubCost().ifPresent(cost -> line(text, "hub used", hubCost(cost)));
        line(text, "bench used", Words.number(report.generatorCores()) + " cores");
        checks(text, report);
        return text.toString();
    }

    private static String connected(Report report) {
        int open = report.open().values().stream().mapToInt(Integer::intValue).sum();
        return Words.count(open)
                + " of "
                + Words.count(report.settings().connections())
                + " in "
                + Words.number(report.connectSeconds())
                + " s";
    }

    private static String hubCost(Report.HubCost cost) {
        return Words.number(cost.cpuMicrosPerDelivery())
                + " µs of CPU a delivery, "
                + Words.number(cost.cores())
                + " cores, "
                + Words.mib(cost.residentBytes())
                + ", "
                + "an idle connection "
                + Words.idle(cost);
    }

    private static void latency(StringBuilder text, String name, Latency latency) {
        if (latency.count() == 0) {
            line(text, name, "none measured");
            return;
        }
        String percentiles =
                SHOWN.stream()
                        .map(p -> "p" + Words.percentile(p) + " " + Words.millis(latency.at(p)))
                        .collect(Collectors.joining(", "));
        line(text, name, percentiles + ", max " + Words.millis(latency.max()));
    }

    private static void checks(StringBuilder text, Report report) {
        for (Map.Entry<Incident, Report.Occurred> entry : report.incidents().entrySet()) {
            Report.Occurred occurred = entry.getValue();
            line(
                    text,
                    entry.getKey().words(),
                    Words.count(occurred.count()) + ", the first: " + occurred.first());
        }
        for (String limit : limits(report)) {
            line(text, "to go on", "start the hub with --set " + limit + "=1000000");
        }
        line(text, "result", report.passed() ? "nothing lost, repeated or out of order" : "FAILED");
    }

    /** Those that a run met which are about how many, not how large: a load test may raise them. */
    private static Set<String> limits(Report report) {
        Set<String> limits = new TreeSet<>();
        for (Report.Occurred occurred : report.incidents().values()) {
            LIMIT_OF_HOW_MANY
                    .matcher(occurred.first())
                    .results()
                    .forEach(found -> limits.add(found.group()));
        }
        return limits;
    }

    private static void line(StringBuilder text, String name, String words) {
        text.append("%-15s %s%n".formatted(name, words));
    }
}
