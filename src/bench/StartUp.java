import java.io.IOException;
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
 * has taken then.
 *
 * <p>{@code java src/bench/StartUp.java JAR CONFIG PORT [JVM_OPTION…]}, with PORT that of CONFIG,
 * by the JDK that runs this. Without options, {@code -Xmx128m}. With {@code @conf/jvm.options} the
 * classes' archive is there from the second time on. To fill the log before: {@code
 * PublishRate.java} with SECONDS 0. Its output is for people, on standard output.
 */
public final class StartUp {
    private StartUp() {}

    public static void main(String[] args) throws Exception {
        if (args.length < 3) {
            System.err.println("usage: java src/bench/StartUp.java JAR CONFIG PORT [JVM_OPTION…]");
            System.exit(2);
        }
        long start = System.nanoTime();
        Process hub = new ProcessBuilder(command(args)).inheritIO().start();
        while (!serves(Integer.parseInt(args[2]))) {
            if (!hub.isAlive()) {
                System.exit(1);
            }
            // A hub that does not listen yet can only be asked again: the time is exact to this.
            Thread.sleep(5);
        }
        double s = (System.nanoTime() - start) / 1e9;
        double cpu = hub.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
        System.out.printf(
                Locale.ROOT,
                "serves after %.2f s, %.2f s of CPU time, %d MiB resident%n",
                s,
                cpu,
                residentMiB(hub));
        hub.destroy();
        hub.waitFor();
    }

    private static List<String> command(String[] args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                args.length > 3 ? List.of(args).subList(3, args.length) : List.of("-Xmx128m"));
        command.addAll(List.of("-jar", args[0], "--config", args[1]));
        return command;
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
}
