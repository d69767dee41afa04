package io.anabranch.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A report as one page that needs nothing else: pictures and tables, light and dark. */
public final class HtmlReport {
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    private final Report report;
    private final StringBuilder page = new StringBuilder();

    private HtmlReport(Report report) {
        this.report = report;
    }

    public static String of(Report report) {
        return new HtmlReport(report).page();
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private String page() {
        add("<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n");
        add("<meta name='viewport' content='width=device-width, initial-scale=1'>\n");
        add("<title>" + escaped(headline()) + "</title>\n");
        add("<style>\n" + css() + "</style>\n</head>\n<body>\n<main>\n");
        header();
        tiles();
        pictures();
        latencies();
        incidents();
        table("Settings", Words.settings(report.settings()), "half");
        table("Found", found(), "half");
        add("</main>\n</body>\n</html>\n");
        return page.toString();
    }

    private void add(String html) {
        page.append(html);
    }

    private static String css() {
        try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String headline() {
        return "%s connections, %s deliveries a second"
                .formatted(
                        Words.count(report.settings().connections()),
                        Words.count(report.messages().deliveryRate()));
    }

    private void header() {
        String verdict =
                report.passed() ? "Nothing lost, repeated or out of order" : "Not everything held";
        add("<header>\n<span class='verdict%s'>".formatted(report.passed() ? "" : " failed"));
        add(verdict + "</span>\n<h1>" + headline() + "</h1>\n<p>");
        add(escaped(report.hub() + " on " + MINUTE.format(report.startedAt())));
        add("; " + escaped(Words.machine(report.machine())) + "</p>\n</header>\n");
    }

    private void tiles() {
        add("<dl class='tiles'>\n");
        tile("median latency", Words.millis(report.latency().at(50)));
        tile("99th percentile", Words.millis(report.latency().at(99)));
        tile("published", Words.number(report.messages().publishRate()) + " per s");
        report.hubCost()
                .ifPresent(
                        cost -> {
                            String cpu = Words.number(cost.cpuMicrosPerDelivery()) + " µs";
                            tile("hub CPU a delivery", cpu);
                            if (cost.residentBytesPerConnection() > 0) {
                                tile("an idle connection", Words.idle(cost));
                            }
                        });
        add("</dl>\n");
    }

    private void tile(String name, String words) {
        String[] parts = words.split(" ", 2);
        String unit = parts.length == 2 ? " <small>" + parts[1] + "</small>" : "";
        add("<div><dt>" + name + "</dt><dd>" + parts[0] + unit + "</dd></div>\n");
    }

    private void pictures() {
        Map<String, String> transports = new LinkedHashMap<>();
        report.latencies()
                .keySet()
                .forEach(
                        transport ->
                                transports.put(
                                        Charts.style(transport),
                                        "received over " + Words.name(transport)));
        transports.put("faint", "accepted by the hub");
        picture(
                "",
                "Latency by percentile",
                "From the moment a message was due, whenever it was sent.",
                Charts.percentiles(report),
                Charts.legend(transports));
        picture(
                "half",
                "Deliveries a second",
                "First arrivals, over all connections.",
                Charts.deliveries(report),
                "");
        Map<String, String> percentiles = new LinkedHashMap<>();
        percentiles.put("main", "median");
        percentiles.put("side", "99th percentile");
        percentiles.put("faint", "greatest");
        picture(
                "half",
                "Latency over time",
                "Second by second.",
                Charts.latencies(report),
                Charts.legend(percentiles));
    }

    private void picture(String style, String title, String words, String svg, String legend) {
        add("<section class='%s'>\n<h2>%s</h2>\n<p>%s</p>\n".formatted(style, title, words));
        add(legend + "<div class='scroll'>" + svg + "</div>\n</section>\n");
    }

    private void latencies() {
        add("<section>\n<h2>Latencies in ms</h2>\n<div class='scroll'><table class='numbers'>");
        add("<thead><tr><th></th>");
        report.latency()
                .percentiles()
                .keySet()
                .forEach(percentile -> add("<th>p" + Words.percentile(percentile) + "</th>"));
        add("<th>max</th></tr></thead>\n<tbody>\n");
        row("received", report.latency());
        if (report.latencies().size() > 1) {
            report.latencies()
                    .forEach((transport, one) -> row("over " + Words.name(transport), one));
        }
        row("accepted by the hub", report.answers());
        row("sent by its publisher", report.delays());
        add("</tbody></table></div>\n</section>\n");
    }

    private void row(String name, Latency latency) {
        if (latency.count() == 0) {
            return;
        }
        add("<tr><th>" + name + "</th>");
        latency.percentiles().values().forEach(this::cell);
        cell(latency.max());
        add("</tr>\n");
    }

    private void cell(long micros) {
        add("<td>" + Words.number(micros / 1_000.0) + "</td>");
    }

    private void incidents() {
        if (report.incidents().isEmpty()) {
            return;
        }
        add("<section>\n<h2>What went wrong</h2>\n<table><tbody>\n");
        report.incidents()
                .forEach(
                        (incident, occurred) ->
                                add(
                                        "<tr><th class='bad'>%s</th><td>%s</td><td>%s</td></tr>\n"
                                                .formatted(
                                                        incident.words(),
                                                        Words.count(occurred.count()),
                                                        escaped(occurred.first()))));
        add("</tbody></table>\n</section>\n");
    }

    private Map<String, String> found() {
        Report.Messages messages = report.messages();
        Map<String, String> found = new LinkedHashMap<>();
        report.open()
                .forEach(
                        (transport, count) ->
                                found.put(
                                        "open over " + Words.name(transport), Words.count(count)));
        found.put("connected in", Words.number(report.connectSeconds()) + " s");
        found.put("measured", Words.number(messages.measuredSeconds()) + " s");
        found.put("published", Words.count(messages.published()) + ", with the warm-up");
        found.put("accepted", Words.count(messages.accepted()));
        found.put("delivered", Words.count(messages.deliveries()));
        report.hubCost()
                .ifPresent(
                        cost -> {
                            found.put("hub CPU", Words.number(cost.cores()) + " cores");
                            found.put("hub memory", Words.mib(cost.residentBytes()));
                            found.put("an idle connection", Words.idle(cost));
                        });
        found.put("generator CPU", Words.number(report.generatorCores()) + " cores");
        return found;
    }

    private void table(String title, Map<String, String> rows, String style) {
        add("<section class='%s'>\n<h2>%s</h2>\n<table><tbody>\n".formatted(style, title));
        rows.forEach(
                (name, words) ->
                        add("<tr><th>%s</th><td>%s</td></tr>\n".formatted(name, escaped(words))));
        add("</tbody></table>\n</section>\n");
    }
}
