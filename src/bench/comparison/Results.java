package comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/** What was measured, by row and server, kept in a file of tab-separated lines as it comes. */
final class Results {
    private final Path file;
    private final Map<String, Map<String, List<Double>>> values = new LinkedHashMap<>();

    /** With what the file has, if there is one. */
    Results(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split("\t");
                of(parts[0], parts[1]).add(Double.valueOf(parts[2]));
            }
        }
    }

    /** Forgets earlier values of these rows. */
    void begin(Set<String> rows) throws IOException {
        values.keySet().removeAll(rows);
        write();
    }

    void add(String row, String server, double value) throws IOException {
        of(row, server).add(value);
        write();
    }

    /** In the order of rounds; empty when nothing was measured. */
    List<Double> values(String row, String server) {
        return values.getOrDefault(row, Map.of()).getOrDefault(server, List.of());
    }

    Set<String> servers(String row) {
        return values.getOrDefault(row, Map.of()).keySet();
    }

    OptionalDouble median(String row, String server) {
        double[] sorted =
                values(row, server).stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(
                sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2);
    }

    private List<Double> of(String row, String server) {
        return values.computeIfAbsent(row, r -> new LinkedHashMap<>())
                .computeIfAbsent(server, s -> new ArrayList<>());
    }

    private void write() throws IOException {
        String text =
                values.entrySet().stream()
                        .flatMap(
                                row ->
                                        row.getValue().entrySet().stream()
                                                .flatMap(
                                                        server ->
                                                                server.getValue().stream()
                                                                        .map(
                                                                                value ->
                                                                                        line(
                                                                                                row
                                                                                                        .getKey(),
                                                                                                server
                                                                                                        .getKey(),
                                                                                                value))))
                        .collect(Collectors.joining());
        Files.writeString(file, text);
    }

    private static String line(String row, String server, double value) {
        return String.format(Locale.ROOT, "%s\t%s\t%s%n", row, server, value);
    }
}
