import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long a hub takes until it has served its first request, and the CPU time and memory that it
 * has taken then: the least and the median of ten starts, each after the end of the one before.
 *
 * <p>{@code java src/bench/StartUp.java PORT COMMAND…}, with the port where the hub listens that
 * COMMAND runs, such as {@code 8080 bin/anabranch --set development=false}, or with {@code java
 * OPTION… -jar target/anabranch.jar}. To fill the log before: {@code PublishRate.java} with SECONDS
 * 0. Its output is for people, on standard output.
 */
public final class StartUp {
    private static final int STARTS = 10;

    private StartUp() {}

    private record Start(double s, double cpu, long mib) {}

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: java src/bench/StartUp.java PORT COMMAND…");
            System.exit(2);
        }
        List<String> command = List.of(args).subList(1, args.length);
        List<Start> starts = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            starts.add(start(Integer.parseInt(args[0]), command));
        }
        System.out.printf(
                Locale.ROOT,
                "serves after %s s, %s s of CPU time, %s MiB resident (least, median)%n",
                leastAndMedian(starts.stream().map(Start::s).toList(), "%.2f"),
                leastAndMedian(starts.stream().map(Start::cpu).toList(), "%.2f"),
                leastAndMedian(starts.stream().map(Start::mib).toList(), "%d"));
    }

    private static Start start(int port, List<String> command) throws Exception {
        long began = System.nanoTime();
        Process hub =
                new ProcessBuilder(command)
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.INHERIT)
                        .start();
        while (!serves(port)) {
            if (!hub.isAlive()) {
                System.exit(1);
            }
            // A hub that does not listen yet can only be asked again: the time is exact to this.
            Thread.sleep(5);
        }
        double s = (System.nanoTime() - began) / 1e9;
        double cpu = hub.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
        Start start = new Start(s, cpu, residentMiB(hub));
        hub.destroy();
        hub.waitFor();
        return start;
    }

    private static boolean serves(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            String request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read() == 'H';
        } catch (IOException e) {
            return false;
        }
    }

    private static long residentMiB(Process hub) throws IOException {
        return Files.readAllLines(Path.of("/proc", hub.pid() + "", "status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .sum();
    }

    private static <T extends Comparable<T>> String leastAndMedian(List<T> values, String format) {
        List<T> sorted = values.stream().sorted().toList();
        return String.format(
                Locale.ROOT, format + "–" + format, sorted.get(0), sorted.get(sorted.size() / 2));
    }
}
