package comparison;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks each server the same questions, in turns: every round goes through all servers, each started
 * anew, so that what else the machine does hits all alike.
 */
public final class Comparison {
    private static final Path RESULTS = Path.of("target/bench/peers.tsv");

    private final Set<String> only = new LinkedHashSet<>();
    private final Set<String> servers = new LinkedHashSet<>();
    private int rounds = 3;
    private boolean report;

    private Comparison(String[] args) {
        List<String> left = new ArrayList<>(Arrays.asList(args));
        while (!left.isEmpty()) {
            switch (left.remove(0)) {
                case "--only" -> only.addAll(names(left, "--only"));
                case "--servers" -> servers.addAll(names(left, "--servers"));
                case "--rounds" -> rounds = Integer.parseInt(names(left, "--rounds").get(0));
                case "--report" -> report = true;
                default -> usage();
            }
        }
        if (!known(only, Row.ALL.stream().map(Row::name).toList())
                || !known(servers, Arrays.stream(Peer.values()).map(Peer::argument).toList())) {
            usage();
        }
    }

    private static List<String> names(List<String> left, String option) {
        if (left.isEmpty()) {
            System.err.println(option + " (expected: a value)");
            usage();
        }
        return List.of(left.remove(0).split(","));
    }

    private static boolean known(Set<String> names, List<String> all) {
        names.stream()
                .filter(name -> !all.contains(name))
                .forEach(name -> System.err.println(name + " (expected: one of " + all + ")"));
        return all.containsAll(names);
    }

    private static void usage() {
        System.err.println(
                """
                usage: src/bench/peers [--only ROW,…] [--servers NAME,…] [--rounds N] [--report]
                  --report writes what was measured to docs/benchmarks.md; without --only all is
                  measured, and written there, too""");
        System.err.println(
                "  rows: " + Row.ALL.stream().map(Row::name).collect(Collectors.joining(" ")));
        System.exit(2);
    }

    public static void main(String[] args) throws Exception {
        Locale.setDefault(Locale.ROOT);
        Comparison comparison = new Comparison(args);
        Results results = new Results(RESULTS);
        boolean complete = comparison.only.isEmpty() && comparison.servers.isEmpty();
        boolean measured = !comparison.report || !complete;
        boolean whole = !measured || comparison.measure(results);
        Report report = new Report(results);
        System.out.println(report.table(comparison.rows()));
        if (comparison.report || complete) {
            report.write();
        }
        System.exit(whole ? 0 : 1);
    }

    private List<Row> rows() {
        return Row.ALL.stream().filter(row -> only.isEmpty() || only.contains(row.name())).toList();
    }

    /** Whether all went well. */
    private boolean measure(Results results) throws IOException, InterruptedException {
        results.begin(rows().stream().map(Row::name).collect(Collectors.toSet()));
        boolean whole = true;
        for (Row row : rows()) {
            System.out.printf("%s: %s, %s%n", row.name(), row.title(), row.unit());
            for (int round = 1; round <= rounds; round++) {
                for (Peer peer : row.peers()) {
                    if (servers.isEmpty() || servers.contains(peer.argument())) {
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
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            System.out.printf("  round %d, %s failed: %s%n", round, peer, e.getMessage());
            return false;
        }
    }
}
