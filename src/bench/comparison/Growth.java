package comparison;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a delivery costs the hub when there is more of something: flat is what one hopes for. */
public final class Growth {
    private static final Path RESULTS = Path.of("target/bench/growth.tsv");

    /** One size, and the load that asks for it: messages a second, and options. */
    private record Point(int size, double rate, List<String> options) {
        Point(int size, double rate, String options) {
            this(size, rate, List.of(options.split(" ")));
        }
    }

    private record Series(String name, String title, List<Point> points) {}

    private static final List<Series> ALL =
            List.of(
                    new Series(
                            "subscribers",
                            "Subscribers of one channel, 50,000 deliveries/s",
                            List.of(
                                    new Point(10, 5000, "--connections 10 --in-flight 500"),
                                    new Point(100, 500, "--connections 100 --in-flight 500"),
                                    new Point(1000, 50, "--connections 1000"),
                                    new Point(10000, 5, "--connections 10000"))),
                    new Series(
                            "channels",
                            "Channels of 10 subscribers each, 2,000 messages/s on all of them",
                            List.of(
                                    new Point(1, 2000, "--connections 10 --in-flight 500"),
                                    new Point(10, 2000, "--connections 100 --channels 10"),
                                    new Point(100, 2000, "--connections 1000 --channels 100"),
                                    new Point(1000, 2000, "--channels 1000 --per-connection 10"),
                                    new Point(10000, 2000, "--channels 10000 --per-connection 100"),
                                    new Point(
                                            100000,
                                            2000,
                                            "--channels 100000 --per-connection 1000"))),
                    new Series(
                            "per-connection",
                            "Channels of each of 1,000 connections, 100 subscribers a channel, 500"
                                    + " messages/s on all of them",
                            List.of(
                                    new Point(1, 500, "--channels 10 --per-connection 1"),
                                    new Point(8, 500, "--channels 80 --per-connection 8"),
                                    new Point(32, 500, "--channels 320 --per-connection 32"),
                                    new Point(128, 500, "--channels 1280 --per-connection 128"))),
                    new Series(
                            "patterns",
                            "Patterns that others subscribe to and nothing matches, beside 100"
                                    + " channels of 10 subscribers each, 1,000 messages/s",
                            List.of(
                                    new Point(0, 1000, "--channels 100"),
                                    new Point(100, 1000, "--channels 100 --patterns 100"),
                                    new Point(1000, 1000, "--channels 100 --patterns 1000"),
                                    new Point(10000, 1000, "--channels 100 --patterns 10000"))));

    private Growth() {}

    public static void main(String[] args) throws Exception {
        Locale.setDefault(Locale.ROOT);
        Options options = new Options(args, ALL.stream().map(Series::name).toList(), List.of());
        List<Series> chosen =
                ALL.stream().filter(series -> options.asksFor(series.name())).toList();
        Results results = new Results(RESULTS);
        boolean whole = !options.measures() || measure(chosen, options.rounds(), results);
        System.out.println(table(chosen, results));
        if (options.writes()) {
            Page.replace("growth", table(ALL, results));
        }
        System.exit(whole ? 0 : 1);
    }

    /** Whether all went well. */
    private static boolean measure(List<Series> chosen, int rounds, Results results)
            throws IOException, InterruptedException {
        results.begin(chosen.stream().map(Series::name).collect(Collectors.toSet()));
        boolean whole = true;
        for (Series series : chosen) {
            System.out.println(series.title());
            for (int round = 1; round <= rounds; round++) {
                for (Point point : series.points()) {
                    whole &= measure(series, point, results);
                }
            }
        }
        return whole;
    }

    private static boolean measure(Series series, Point point, Results results)
            throws InterruptedException {
        try (Server server = new Server(Peer.ANABRANCH)) {
            String[] options = point.options().toArray(String[]::new);
            double cost =
                    Measures.measured(server, point.rate(), options)
                            .get("server_cpu_us_per_delivery");
            results.add(series.name(), point.size() + "", cost);
            System.out.printf("  %,d: %s%n", point.size(), Report.number(cost));
            return true;
        } catch (IOException e) {
            System.out.printf("  %,d failed: %s%n", point.size(), e.getMessage());
            return false;
        }
    }

    private static String table(List<Series> chosen, Results results) {
        StringBuilder text = new StringBuilder();
        for (Series series : chosen) {
            if (results.servers(series.name()).isEmpty()) {
                continue;
            }
            text.append("\n**").append(series.title()).append("**\n\n");
            text.append("| | hub's CPU, µs per delivery | least to greatest |\n");
            text.append("| ---: | ---: | ---: |\n");
            for (String size : results.servers(series.name())) {
                String thousands = String.format("%,d", Integer.parseInt(size));
                text.append(Report.line(results, series.name(), size, thousands));
            }
        }
        return text.toString();
    }
}
