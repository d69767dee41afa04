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
    private static final Path PAGE = Path.of("docs/benchmarks.md");
    private static final Path PICTURE = Path.of("docs/benchmarks.svg");
    private static final String BEGIN = "<!-- peers: begin -->\n";
    private static final String END = "<!-- peers: end -->\n";

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
            text.append("\n**").append(row.title()).append("** (").append(row.unit()).append(")\n\n");
            text.append("| server | median | least to greatest |\n| --- | ---: | ---: |\n");
            results.servers(row.name()).forEach(server -> text.append(line(row, server)));
            for (Row.Bar bar : row.bars()) {
                text.append(verdict(row, bar));
            }
        }
        return text.toString();
    }

    private String line(Row row, String server) {
        List<Double> values = results.values(row.name(), server).stream().sorted().toList();
        return String.format(
                "| %s | %s | %s to %s |%n",
                server,
                number(results.median(row.name(), server).orElseThrow()),
                number(values.get(0)),
                number(values.get(values.size() - 1)));
    }

    private String verdict(Row row, Row.Bar bar) {
        OptionalDouble ours = results.median(row.name(), Peer.ANABRANCH.toString());
        OptionalDouble other = results.median(row.name(), bar.beside());
        if (ours.isEmpty() || other.isEmpty()) {
            return "";
        }
        double ratio = ours.getAsDouble() / other.getAsDouble();
        boolean reached = row.more() ? ratio >= bar.bar() : ratio <= bar.bar();
        return String.format(
                "%nBeside %s: **%.2f** (bar %s %.2f, stretch %.2f)%s%n",
                bar.beside(),
                ratio,
                row.more() ? "≥" : "≤",
                bar.bar(),
                bar.stretch(),
                reached ? "" : ": not reached");
    }

    void write() throws IOException, InterruptedException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        if (begin < BEGIN.length() || end < begin) {
            throw new IOException(PAGE + " has no lines " + BEGIN.strip() + " and " + END.strip());
        }
        String body = "\n" + setting() + "\n![The same as a picture](benchmarks.svg)\n" + table(Row.ALL) + "\n";
        Files.writeString(PAGE, page.substring(0, begin) + body + page.substring(end));
        Files.writeString(PICTURE, new Picture(results).svg());
        System.out.println("written: " + PAGE + ", " + PICTURE);
    }

    private static String setting() throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        lines.add(LocalDate.now() + ", on " + machine() + ". The servers:\n");
        for (Peer peer : Peer.values()) {
            lines.add("- " + peer + ": " + peer.version());
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
