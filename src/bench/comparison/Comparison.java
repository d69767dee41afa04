package comparison;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Asks each server the same questions, in turns: every round goes through all servers, each started
 * anew, so that what else the machine does hits all alike.
 */
public final class Comparison {
    private static final Path RESULTS = Path.of("target/bench/peers.tsv");

    private Comparison() {}

    public static void main(String[] args) throws Exception {
        Locale.setDefault(Locale.ROOT);
        Options options =
                new Options(
                        args,
                        Row.ALL.stream().map(Row::name).toList(),
                        Arrays.stream(Peer.values()).map(Peer::argument).toList());
        List<Row> rows = Row.ALL.stream().filter(row -> options.asksFor(row.name())).toList();
        Results results = new Results(RESULTS);
        boolean whole = !options.measures() || measure(rows, options, results);
        Report report = new Report(results);
        System.out.println(report.table(rows));
        if (options.writes()) {
            report.write();
        }
        System.exit(whole ? 0 : 1);
    }

    /** Whether all went well. */
    private static boolean measure(List<Row> rows, Options options, Results results)
            throws IOException, InterruptedException {
        results.begin(rows.stream().map(Row::name).collect(Collectors.toSet()));
        boolean whole = true;
        for (Row row : rows) {
            System.out.printf("%s: %s, %s%n", row.name(), row.title(), row.unit());
            for (int round = 1; round <= options.rounds(); round++) {
                for (Peer peer : row.peers()) {
                    if (options.asksForServer(peer.argument())) {
                        whole &= measure(row, peer, round, results);
                    }
                }
            }
        }
        return whole;
    }

    private static boolean measure(Row row, Peer peer, int round, Results results)
            throws InterruptedException {
        try (Server server = new Server(peer)) {
            double value = row.measure().of(server, results);
            results.add(row.name(), peer.toString(), value);
            System.out.printf("  round %d, %s: %s%n", round, peer, Report.number(value));
            return true;
        } catch (IOException e) {
            System.out.printf("  round %d, %s failed: %s%n", round, peer, e.getMessage());
            return false;
        }
    }
}
