package comparison;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the command line asks for. A wrong one ends the program with 2. */
final class Options {
    private static final int DEFAULT_ROUNDS = 3;

    private final List<String> allRows;
    private final List<String> allServers;
    private final Set<String> rows = new LinkedHashSet<>();
    private final Set<String> servers = new LinkedHashSet<>();
    private int rounds = DEFAULT_ROUNDS;
    private boolean report;

    /**
     * @param allServers empty where there is no choice
     */
    Options(String[] args, List<String> allRows, List<String> allServers) {
        this.allRows = allRows;
        this.allServers = allServers;
        List<String> left = new ArrayList<>(Arrays.asList(args));
        while (!left.isEmpty()) {
            String option = left.remove(0);
            switch (option) {
                case "--only" -> rows.addAll(names(option, left, allRows));
                case "--servers" -> servers.addAll(names(option, left, allServers));
                case "--rounds" -> rounds = positive(option, left);
                case "--report" -> report = true;
                default -> throw usage(option + " is no option");
            }
        }
    }

    boolean asksFor(String row) {
        return rows.isEmpty() || rows.contains(row);
    }

    boolean asksForServer(String server) {
        return servers.isEmpty() || servers.contains(server);
    }

    int rounds() {
        return rounds;
    }

    private boolean choosesAll() {
        return rows.isEmpty() && servers.isEmpty();
    }

    /** {@code --report} alone only writes. */
    boolean measures() {
        return !report || !choosesAll();
    }

    boolean writes() {
        return report || choosesAll();
    }

    private List<String> names(String option, List<String> left, List<String> known) {
        List<String> names = List.of(value(option, left).split(","));
        for (String name : names) {
            if (!known.contains(name)) {
                throw usage(option + " " + name + " (expected: of " + known + ")");
            }
        }
        return names;
    }

    private int positive(String option, List<String> left) {
        String value = value(option, left);
        if (!value.matches("[1-9][0-9]{0,3}")) {
            throw usage(option + " " + value + " (expected: a number > 0)");
        }
        return Integer.parseInt(value);
    }

    private String value(String option, List<String> left) {
        if (left.isEmpty()) {
            throw usage(option + " (expected: a value)");
        }
        return left.remove(0);
    }

    private IllegalStateException usage(String problem) {
        System.err.println(problem);
        System.err.println(
                "usage: [--only NAME,…] "
                        + (allServers.isEmpty() ? "" : "[--servers NAME,…] ")
                        + "[--rounds N] [--report]\n"
                        + "  --only: of "
                        + String.join(", ", allRows)
                        + "\n  --report: writes what was measured to docs/benchmarks.md, as a run of"
                        + " all does anyway");
        System.exit(2);
        return new IllegalStateException(problem);
    }
}
