import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What hubs spend while one of them takes in 10,000 messages of 200 bytes a second, on 1,000
 * channels that nobody reads.
 *
 * <p>{@code java src/bench/FollowCost.java TOKEN PORT SECONDS NAME=PID…}: publishes to the hub on
 * PORT, and tells what each process has of a core meanwhile, on standard output.
 */
public final class FollowCost {
    private static final int CHANNELS = 1_000;
    private static final int BATCH = 500;
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int WARM_UP_SECONDS = 10;
    private static final double TICKS_PER_SECOND = 100;

    public static void main(String[] args) throws Exception {
        if (args.length < 4) {
            System.err.println(
                    "usage: java src/bench/FollowCost.java TOKEN PORT SECONDS NAME=PID…");
            System.exit(2);
        }
        int seconds = Integer.parseInt(args[2]);
        publish(args[0], args[1], WARM_UP_SECONDS);
        long[] before = ticks(args);
        double rate = publish(args[0], args[1], seconds);
        long[] after = ticks(args);
        System.out.printf(Locale.ROOT, "%.0f messages/s:", rate);
        for (int i = 3; i < args.length; i++) {
            double cores = (after[i] - before[i]) / TICKS_PER_SECOND / seconds;
            System.out.printf(
                    Locale.ROOT, " %s %.1f %%", args[i].replaceAll("=.*", ""), 100 * cores);
        }
        System.out.println();
    }

    private static long[] ticks(String[] args) throws Exception {
        long[] ticks = new long[args.length];
        for (int i = 3; i < args.length; i++) {
            String stat = Files.readString(Path.of("/proc", args[i].replaceAll(".*=", ""), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            ticks[i] = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks;
    }

    /** Returns how many a second were acknowledged. */
    private static double publish(String token, String port, int seconds) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        int batches = (int) (TimeUnit.SECONDS.toNanos(seconds) / EVERY_NANOS);
        long start = System.nanoTime();
        for (int i = 0; i < batches; i++) {
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + port + "/api/v1/messages"))
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/x-ndjson")
                            .POST(HttpRequest.BodyPublishers.ofString(batch(i)))
                            .build();
            HttpResponse<String> answer =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200 || answer.body().contains("\"status\"")) {
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            }
            LockSupport.parkNanos(start + (i + 1) * EVERY_NANOS - System.nanoTime());
        }
        return batches * BATCH / ((System.nanoTime() - start) / 1e9);
    }

    private static String batch(int number) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < BATCH; i++) {
            lines.append("{\"channel\":\"bench:").append((number * BATCH + i) * 7 % CHANNELS);
            lines.append("\",\"data\":\"").append("x".repeat(198)).append("\"}\n");
        }
        return lines.toString();
    }
}
