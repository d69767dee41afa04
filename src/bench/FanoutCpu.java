import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Server CPU per delivered message: many subscribers on one channel, 200-byte messages at a steady
 * rate.
 *
 * <p>{@code java src/bench/FanoutCpu.java PID PORT TOKEN (sse|ws) [SUBSCRIBERS RATE SECONDS]}, with
 * PID the hub's process on this machine. Counts CPU time of the process (user and system, from
 * {@code /proc}) over the messages that arrived.
 */
public final class FanoutCpu {
    private static final String CHANNEL = "bench:fanout";
    private static final byte[] MARK = "\"bench\"".getBytes(StandardCharsets.US_ASCII);
    private static final int TICKS_PER_SECOND = 100;

    private final String pid;
    private final int port;
    private final String token;
    private final boolean sse;
    private volatile long received;

    private FanoutCpu(String[] args) {
        pid = args[0];
        port = Integer.parseInt(args[1]);
        token = args[2];
        sse = args[3].equals("sse");
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 4) {
            System.err.println(
                    "usage: java src/bench/FanoutCpu.java PID PORT TOKEN (sse|ws)"
                            + " [SUBSCRIBERS RATE SECONDS]");
            System.exit(2);
        }
        int subscribers = args.length > 4 ? Integer.parseInt(args[4]) : 1_000;
        int rate = args.length > 5 ? Integer.parseInt(args[5]) : 50;
        int seconds = args.length > 6 ? Integer.parseInt(args[6]) : 20;
        new FanoutCpu(args).run(subscribers, rate, seconds);
    }

    private void run(int subscribers, int rate, int seconds) throws Exception {
        Selector selector = Selector.open();
        for (int i = 0; i < subscribers; i++) {
            connect(selector);
        }
        Thread reader = new Thread(() -> read(selector), "reader");
        reader.setDaemon(true);
        reader.start();
        publish(rate * 5, rate);
        // What was published to warm up must have arrived before the counting begins.
        Thread.sleep(1_000);
        long before = received;
        long cpuBefore = cpuTicks();
        publish(rate * seconds, rate);
        // And the last messages belong to the count.
        Thread.sleep(1_000);
        long delivered = received - before;
        double micros = (cpuTicks() - cpuBefore) * 1e6 / TICKS_PER_SECOND / delivered;
        System.out.printf(
                Locale.ROOT,
                "%s: %d subscribers, %d messages/s, %d of %d delivered, %.2f µs of server CPU each%n",
                sse ? "sse" : "ws",
                subscribers,
                rate,
                delivered,
                (long) rate * seconds * subscribers,
                micros);
        if (delivered != (long) rate * seconds * subscribers) {
            System.exit(1);
        }
    }

    private void connect(Selector selector) throws Exception {
        SocketChannel socket = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
        String upgrade =
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: "
                        + Base64.getEncoder().encodeToString(new byte[16])
                        + "\r\n";
        String request =
                (sse ? "GET /sse" : "GET /ws")
                        + "?channel="
                        + CHANNEL
                        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + token
                        + "\r\n"
                        + (sse ? "" : upgrade)
                        + "\r\n";
        socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        socket.configureBlocking(false);
        socket.register(selector, SelectionKey.OP_READ, new int[1]);
    }

    /** Counts the messages by a mark in their data, which may be split between two reads. */
    private void read(Selector selector) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        try {
            while (true) {
                selector.select(
                        key -> {
                            try {
                                buffer.clear();
                                if (((SocketChannel) key.channel()).read(buffer) < 0) {
                                    throw new IllegalStateException("the hub closed a connection");
                                }
                                buffer.flip();
                                received += count(buffer, (int[]) key.attachment());
                            } catch (java.io.IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
            }
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static int count(ByteBuffer buffer, int[] matched) {
        int found = 0;
        while (buffer.hasRemaining()) {
            byte b = buffer.get();
            matched[0] = b == MARK[matched[0]] ? matched[0] + 1 : b == MARK[0] ? 1 : 0;
            if (matched[0] == MARK.length) {
                found++;
                matched[0] = 0;
            }
        }
        return found;
    }

    private void publish(int messages, int rate) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        URI uri =
                URI.create(
                        "http://127.0.0.1:" + port + "/api/v1/channels/" + CHANNEL + "/messages");
        var body = new ByteArrayOutputStream();
        body.write('{');
        body.writeBytes(MARK);
        body.writeBytes((":\"" + "x".repeat(200 - MARK.length - 5) + "\"}").getBytes());
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                        .build();
        long next = System.nanoTime();
        for (int i = 0; i < messages; i++) {
            next += 1_000_000_000L / rate;
            LockSupport.parkNanos(next - System.nanoTime());
            var response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 201) {
                throw new IllegalStateException(response.statusCode() + " " + response.body());
            }
        }
    }

    private long cpuTicks() throws Exception {
        String stat = Files.readString(Path.of("/proc", pid, "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
