package comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** The results as a table and a picture, in docs/benchmarks.md between two marks. */
final class Report {
    private static final Path PICTURE = Path.of("docs/benchmarks.svg");

    private final Results results;

    Report(Results results) {
        this.results = results;
    }

    /** Three digits, and thousands apart. */
    static String number(double value) {
        if (value >= 1000) {
            return String.format("%,.0f", value);
        }
        return String.format(value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    /** In Markdown: medians, in brackets the least and the greatest value. */
    String table(List<Row> rows) {
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            if (results.servers(row.name()).isEmpty()) {
                continue;
            }
            text.append("\n**")
                    .append(row.title())
                    .append("** (")
                    .append(row.unit())
                    .append(")\n\n");
            text.append("| server | median | least to greatest |\n| --- | ---: | ---: |\n");
            results.servers(row.name())
                    .forEach(server -> text.append(line(results, row.name(), server, server)));
            for (Row.Bar bar : row.bars()) {
                for (Peer ours : row.peers()) {
                    if (ours.isOurs()) {
                        text.append(verdict(row, ours, bar));
                    }
                }
            }
        }
        return text.toString();
    }

    /** One row of a table: median, least and greatest. */
    static String line(Results results, String row, String server, String label) {
        List<Double> values = results.values(row, server).stream().sorted().toList();
        return String.format(
                "| %s | %s | %s to %s |%n",
                label,
                number(results.median(row, server).orElseThrow()),
                number(values.get(0)),
                number(values.get(values.size() - 1)));
    }

    private String verdict(Row row, Peer peer, Row.Bar bar) {
        OptionalDouble ours = results.median(row.name(), peer.toString());
        OptionalDouble other = results.median(row.name(), bar.beside());
        if (ours.isEmpty() || other.isEmpty()) {
            return "";
        }
        double ratio = ours.getAsDouble() / other.getAsDouble();
        boolean reached = row.more() ? ratio >= bar.bar() : ratio <= bar.bar();
        return String.format(
                "%n%s beside %s: **%.2f** (bar %s %.2f, stretch %.2f)%s%n",
                peer,
                bar.beside(),
                ratio,
                row.more() ? "≥" : "≤",
                bar.bar(),
                bar.stretch(),
                reached ? "" : ": not reached");
    }

    void write() throws IOException, InterruptedException {
        Files.writeString(PICTURE, new Picture(results).svg());
        String picture = "\n![The same as a picture](benchmarks.svg)\n";
        Page.replace("peers", setting() + picture + table(Row.ALL));
    }

    private static String setting() throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        lines.add(LocalDate.now() + ", on " + machine() + ". The servers:\n");
        for (Peer peer : Peer.values()) {
            if (peer != Peer.BATCHING) {
                lines.add("- " + peer + ": " + peer.version());
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String machine() throws IOException, InterruptedException {
        String processor =
                Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse("an unknown processor");
        String memory =
                Files.readAllLines(Path.of("/proc/meminfo")).stream()
                        .filter(line -> line.startsWith("MemTotal"))
                        .map(line -> line.replaceAll("\\D", ""))
                        .map(kib -> Long.parseLong(kib) / (1 << 20) + " GiB of memory")
                        .collect(Collectors.joining());
        return Runtime.getRuntime().availableProcessors()
                + " cores of "
                + processor
                + ", "
                + memory
                + ", Linux "
                + Peer.firstLine("uname", "-r");
    }
}
