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
 * What conflation saves: the hub's CPU for many changes a second beside few, when clients take each
 * symbol twice a second at most.
 *
 * <p>{@code java src/bench/ConflationCpu.java PID PORT TOKEN (sse|ws) [CLIENTS SYMBOLS SECONDS]},
 * with PID the hub's process on this machine. Each rate is measured with and without clients: the
 * difference is what delivery costs, the rest is what publishing costs. Its output is for people,
 * on standard output.
 */
public final class ConflationCpu {
    private static final int CONFLATE_MS = 500;
    private static final int SLOW = 2;
    private static final int FAST = 20;
    private static final int TICKS_PER_SECOND = 100;

    private final String pid;
    private final int port;
    private final String token;
    private final boolean sse;
    private final int symbols;
    private final int seconds;
    private final HttpClient http = HttpClient.newHttpClient();
    private volatile long bytes;

    private ConflationCpu(String[] args) {
        pid = args[0];
        port = Integer.parseInt(args[1]);
        token = args[2];
        sse = args[3].equals("sse");
        symbols = args.length > 5 ? Integer.parseInt(args[5]) : 200;
        seconds = args.length > 6 ? Integer.parseInt(args[6]) : 10;
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 4) {
            System.err.println(
                    "usage: java src/bench/ConflationCpu.java PID PORT TOKEN (sse|ws)"
                            + " [CLIENTS SYMBOLS SECONDS]");
            System.exit(2);
        }
        int clients = args.length > 4 ? Integer.parseInt(args[4]) : 500;
        new ConflationCpu(args).run(clients);
        System.exit(0);
    }

    private void run(int clients) throws Exception {
        measure("warm-up", FAST);
        double slowAlone = measure("publishing alone", SLOW);
        double fastAlone = measure("publishing alone", FAST);
        Selector selector = Selector.open();
        for (int i = 0; i < clients; i++) {
            connect(selector);
        }
        Thread reader = new Thread(() -> read(selector), "reader");
        reader.setDaemon(true);
        reader.start();
        measure("warm-up with clients", FAST);
        double slow = measure(clients + " clients", SLOW);
        double fast = measure(clients + " clients", FAST);
        System.out.printf(
                Locale.ROOT,
                "%s: %d/s costs %.2f times what %d/s costs; without the publishing %.2f times%n",
                sse ? "sse" : "ws",
                FAST,
                fast / slow,
                SLOW,
                (fast - fastAlone) / (slow - slowAlone));
    }

    /** The hub's CPU in percent of one core, at this many changes of each symbol a second. */
    private double measure(String what, int rate) throws Exception {
        publish(rate, 2);
        long bytesBefore = bytes;
        long cpuBefore = cpuTicks();
        long before = System.nanoTime();
        publish(rate, seconds);
        double elapsed = (System.nanoTime() - before) / 1e9;
        double cpu = (cpuTicks() - cpuBefore) * 100.0 / TICKS_PER_SECOND / elapsed;
        System.out.printf(
                Locale.ROOT,
                "%s, %d symbols at %d/s: %.1f %% of a core, %.1f MB/s delivered%n",
                what,
                symbols,
                rate,
                cpu,
                (bytes - bytesBefore) / 1e6 / elapsed);
        return cpu;
    }

    /** All symbols, in one request, at each step. */
    private void publish(int rate, int forSeconds) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/messages");
        long next = System.nanoTime();
        for (int step = 0; step < rate * forSeconds; step++) {
            next += 1_000_000_000L / rate;
            LockSupport.parkNanos(next - System.nanoTime());
            StringBuilder lines = new StringBuilder();
            for (int symbol = 0; symbol < symbols; symbol++) {
                lines.append("{\"channel\":\"bench:S").append(symbol);
                lines.append("\",\"data\":{\"price\":").append(100 + step % 100);
                lines.append(".25,\"name\":\"").append("x".repeat(60)).append("\"}}\n");
            }
            HttpRequest request =
                    HttpRequest.newBuilder(uri)
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/x-ndjson")
                            .POST(HttpRequest.BodyPublishers.ofString(lines.toString()))
                            .build();
            var response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200 || response.body().contains("\"status\"")) {
                throw new IllegalStateException(response.statusCode() + " " + response.body());
            }
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
                        + "?channel=bench:*&conflate="
                        + CONFLATE_MS
                        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + token
                        + "\r\n"
                        + (sse ? "" : upgrade)
                        + "\r\n";
        socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        socket.configureBlocking(false);
        socket.register(selector, SelectionKey.OP_READ, new long[] {System.nanoTime()});
    }

    private void read(Selector selector) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        try {
            while (true) {
                selector.select(key -> read(key, buffer));
            }
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private void read(SelectionKey key, ByteBuffer buffer) {
        try {
            SocketChannel socket = (SocketChannel) key.channel();
            buffer.clear();
            int read = socket.read(buffer);
            if (read < 0) {
                throw new IllegalStateException("the hub closed a connection");
            }
            bytes += read;
            long[] answered = (long[]) key.attachment();
            if (!sse && System.nanoTime() - answered[0] > 5_000_000_000L) {
                answered[0] = System.nanoTime();
                // Unasked for, which is as good as an answer to a ping.
                socket.write(ByteBuffer.wrap(new byte[] {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0}));
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private long cpuTicks() throws Exception {
        String stat = Files.readString(Path.of("/proc", pid, "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
