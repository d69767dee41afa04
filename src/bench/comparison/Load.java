package comparison;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** One run of the load generator, on the second core, and the figures that it printed. */
final class Load {
    private static final int LONGEST_SECONDS = 150;

    private final Map<String, Double> figures;

    private Load(Map<String, Double> figures) {
        this.figures = figures;
    }

    /** When the generator gave up: what it said. */
    static final class Failed extends IOException {
        private static final long serialVersionUID = 1;

        Failed(String message) {
            super(message);
        }
    }

    /**
     * @param arguments the kind of run, then options
     */
    static Load run(Server server, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("taskset", "-c", "1", "target/bench/load"));
        command.addAll(arguments);
        command.addAll(List.of("--peer", server.peer().protocol(), "--port", server.port() + ""));
        command.addAll(List.of("--pids", server.pids()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new Failed(
                        server.peer() + ", " + String.join(" ", arguments) + ": " + said.strip());
            }
            return new Load(figures(said));
        } finally {
            process.destroyForcibly();
            Runtime.getRuntime().removeShutdownHook(atExit);
        }
    }

    private static Map<String, Double> figures(String said) {
        return said.lines()
                .map(line -> line.split("="))
                .collect(Collectors.toMap(part -> part[0], part -> Double.valueOf(part[1])));
    }

    double get(String name) {
        return figures.get(name);
    }

    boolean lossless() {
        return get("missing") == 0 && get("repeated") == 0;
    }
}
