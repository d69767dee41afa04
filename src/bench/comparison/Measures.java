package comparison;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The kinds of question. Before each a server is warmed up by the like of what is measured. */
final class Measures {
    private static final int TEN_A_TURN_RATE = 2000;
    private static final String[] TEN_A_TURN = {"--burst", "10", "--in-flight", "100"};
    private static final double WARM_UP_FACTOR = 4;

    private static final double LEAST_WARM_UP_RATE = 400;
    private static final String WARM_UP_SECONDS = "4";

    /**
     * A JVM compiles last what it does once a message, and would do so while it is measured: so it
     * gets many messages that go to few.
     */
    private static final List<String> TO_FEW =
            List.of("--warmup", "0", "--seconds", "2", "--rate", "4000", "--connections", "20");

    private static final int LEAST_WARM_UPS = 3;
    private static final int MOST_WARM_UPS = 6;

    /** A warm-up that costs more than this share of the cheapest one before it was the last. */
    private static final double NO_CHEAPER = 0.95;

    private Measures() {}

    /** The same work, once more. */
    private interface Run {
        Load load() throws IOException, InterruptedException;
    }

    static Row.Measure cpu(double rate, String... arguments) {
        return (server, results) ->
                measured(server, rate, arguments).get("server_cpu_us_per_delivery");
    }

    static Row.Measure cpuOfTenATurn() {
        return cpu(TEN_A_TURN_RATE, TEN_A_TURN);
    }

    static Row.Measure latencyAtHalfOfTheBareLoop() {
        return (server, results) -> {
            double greatest =
                    results.median("greatest", Peer.BARE.toString())
                            .orElseThrow(
                                    () ->
                                            new IOException(
                                                    "latency needs the bare loop's greatest rate:"
                                                            + " measure greatest before, or with it"));
            return measured(server, greatest / 1000 / 2).get("p99_ms");
        };
    }

    static Row.Measure idle(String... arguments) {
        return (server, results) ->
                Load.run(
                                server,
                                list(
                                        List.of("idle", "--connections", "10000", "--seconds", "3"),
                                        arguments))
                        .get("kib_per_connection");
    }

    /** Beside it, on the same hub, what it delivers live when ten messages come at a time. */
    static Row.Measure catchUp(String row, String... arguments) {
        return (server, results) -> {
            String[] live = list(List.of(TEN_A_TURN), arguments).toArray(String[]::new);
            results.add(
                    row,
                    Row.LIVE,
                    measured(server, TEN_A_TURN_RATE, live).get("deliveries_per_second"));
            Run catchUp = () -> Load.run(server, list(List.of("catchup"), arguments));
            warmUp(server, catchUp);
            return lossless(server, catchUp.load()).get("deliveries_per_second");
        };
    }

    static Row.Measure posts() {
        return (server, results) ->
                Load.run(
                                server,
                                List.of(
                                        "post",
                                        "--connections",
                                        "64",
                                        "--channels",
                                        "64",
                                        "--warmup",
                                        "10",
                                        "--seconds",
                                        "8"))
                        .get("posts_per_second");
    }

    /** Warmed up by the same at a higher rate, so that what compiles as it runs has done so. */
    static Load measured(Server server, double rate, String... arguments)
            throws IOException, InterruptedException {
        warmUp(server, Math.max(rate * WARM_UP_FACTOR, LEAST_WARM_UP_RATE), arguments);
        List<String> times = List.of("--warmup", "1", "--seconds", "8", "--rate", rate + "");
        return lossless(server, fanout(server, times, arguments));
    }

    static void warmUp(Server server, double rate, String... arguments)
            throws IOException, InterruptedException {
        List<String> times =
                List.of("--warmup", "0", "--seconds", WARM_UP_SECONDS, "--rate", rate + "");
        String[] toFew =
                List.of(arguments).contains("--sse") ? new String[] {"--sse"} : new String[0];
        warmUp(
                server,
                () -> {
                    fanout(server, TO_FEW, toFew);
                    return fanout(server, times, arguments);
                });
    }

    /**
     * Until it becomes no cheaper: a JVM compiles code for what it has seen, and anew when other
     * connections and channels come, as each run brings them.
     */
    private static void warmUp(Server server, Run run) throws IOException, InterruptedException {
        double cheapest = Double.MAX_VALUE;
        for (int i = 0; i < MOST_WARM_UPS; i++) {
            double cost = run.load().get("server_cpu_us_per_delivery");
            server.settle();
            if (i + 1 >= LEAST_WARM_UPS && cost > NO_CHEAPER * cheapest) {
                return;
            }
            cheapest = Math.min(cheapest, cost);
        }
    }

    static Load fanout(Server server, List<String> times, String... arguments)
            throws IOException, InterruptedException {
        return Load.run(
                server,
                list(Stream.concat(Stream.of("fanout"), times.stream()).toList(), arguments));
    }

    private static Load lossless(Server server, Load load) {
        if (!load.lossless()) {
            System.out.printf(
                    "  %s: %.0f of %.0f deliveries missing, %.0f repeated%n",
                    server.peer(),
                    load.get("missing"),
                    load.get("missing") + load.get("deliveries"),
                    load.get("repeated"));
        }
        return load;
    }

    private static List<String> list(List<String> first, String... then) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(then));
        return all;
    }
}
