import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * How long a hub takes until it listens, and how much memory it has then.
 *
 * <p>{@code java src/bench/StartUp.java JAR CONFIG PORT [HEAP]}, with PORT that of CONFIG and HEAP
 * as in {@code -Xmx} (128m). To fill its log before: {@code PublishRate.java} with SECONDS 0.
 */
public final class StartUp {
    private StartUp() {}

    public static void main(String[] args) throws Exception {
        if (args.length < 3) {
            System.err.println("usage: java src/bench/StartUp.java JAR CONFIG PORT [HEAP]");
            System.exit(2);
        }
        String heap = args.length > 3 ? args[3] : "128m";
        long start = System.nanoTime();
        Process hub =
                new ProcessBuilder("java", "-Xmx" + heap, "-jar", args[0], "--config", args[1])
                        .inheritIO()
                        .start();
        while (!listens(Integer.parseInt(args[2]))) {
            if (!hub.isAlive()) {
                System.exit(1);
            }
            Thread.sleep(5);
        }
        double s = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                Locale.ROOT, "listens after %.2f s, %d MiB resident%n", s, residentMiB(hub));
        hub.destroy();
        hub.waitFor();
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
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
