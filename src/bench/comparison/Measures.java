package comparison;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The kinds of question. Before each a server is warmed up by the like of what is measured. */
final class Measures {
    static final String[] TEN_A_TURN = {
        "--rate", "2000", "--burst", "10", "--in-flight", "100"
    };
    private static final List<String> WARM_UP = List.of("--warmup", "0", "--seconds", "4");
    private static final List<String> WINDOW = List.of("--warmup", "1", "--seconds", "8");

    private Measures() {}

    static Row.Measure cpu(String... arguments) {
        return (server, results) -> {
            fanout(server, WARM_UP, arguments);
            return lossless(server, fanout(server, WINDOW, arguments))
                    .get("server_cpu_us_per_delivery");
        };
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
            String[] arguments = {"--rate", Double.toString(greatest / 1000 / 2)};
            fanout(server, WARM_UP, arguments);
            return lossless(server, fanout(server, WINDOW, arguments)).get("p99_ms");
        };
    }

    static Row.Measure idle(String... arguments) {
        return (server, results) ->
                Load.run(
                                server,
                                list(List.of("idle", "--connections", "10000", "--seconds", "3"), arguments))
                        .get("kib_per_connection");
    }

    /** Beside it, on the same hub, what it delivers live when ten messages come at a time. */
    static Row.Measure catchUp(String row, String... arguments) {
        return (server, results) -> {
            fanout(server, WARM_UP, list(List.of(TEN_A_TURN), arguments).toArray(String[]::new));
            Load live =
                    fanout(server, WINDOW, list(List.of(TEN_A_TURN), arguments).toArray(String[]::new));
            results.add(row, Row.LIVE, lossless(server, live).get("deliveries_per_second"));
            Load.run(server, list(List.of("catchup", "--connections", "200"), arguments));
            return lossless(server, Load.run(server, list(List.of("catchup"), arguments)))
                    .get("deliveries_per_second");
        };
    }

    static Row.Measure posts() {
        return (server, results) ->
                Load.run(
                                server,
                                List.of(
                                        "post", "--connections", "64", "--channels", "64", "--warmup",
                                        "5", "--seconds", "8"))
                        .get("posts_per_second");
    }

    static Load fanout(Server server, List<String> times, String... arguments)
            throws IOException, InterruptedException {
        return Load.run(server, list(Stream.concat(Stream.of("fanout"), times.stream()).toList(), arguments));
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
