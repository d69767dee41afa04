import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Acknowledged messages per second, for one hub after the other: (a) one client that streams a
 * batch as NDJSON, (b) 64 connections with one POST each at a time.
 *
 * <p>{@code java src/bench/PublishRate.java TOKEN NAME=PORT… [MESSAGES SECONDS]}: 200-byte messages
 * on 1,000 channels {@code bench:N}. MESSAGES (1000000) are streamed, posts last SECONDS (10; with
 * 0 there are none, so that it only fills a log). Its output is for people, on standard output.
 */
public final class PublishRate {
    private static final int CHANNELS = 1_000;
    private static final int CONNECTIONS = 64;
    private static final int LINES = 10_000;
    private static final String DATA = "{\"bench\":\"" + "x".repeat(200 - 12) + "\"}";

    private final String name;
    private final InetSocketAddress address;
    private final String token;

    private PublishRate(String hub, String token) {
        String[] nameAndPort = hub.split("=");
        name = nameAndPort[0];
        address = new InetSocketAddress("127.0.0.1", Integer.parseInt(nameAndPort[1]));
        this.token = token;
    }

    public static void main(String[] args) throws Exception {
        String[] hubs = Arrays.stream(args).filter(arg -> arg.contains("=")).toArray(String[]::new);
        String[] numbers =
                Arrays.stream(args).filter(arg -> arg.matches("[0-9]+")).toArray(String[]::new);
        if (args.length < 2 || hubs.length == 0) {
            System.err.println(
                    "usage: java src/bench/PublishRate.java TOKEN NAME=PORT… [MESSAGES SECONDS]");
            System.exit(2);
        }
        int messages = numbers.length > 0 ? Integer.parseInt(numbers[0]) : 1_000_000;
        int seconds = numbers.length > 1 ? Integer.parseInt(numbers[1]) : 10;
        for (String hub : hubs) {
            PublishRate bench = new PublishRate(hub, args[0]);
            if (seconds > 0) {
                bench.stream(messages / 10, "stream, warming up");
            }
            bench.stream(messages, "stream");
        }
        if (seconds == 0) {
            return;
        }
        for (String hub : hubs) {
            PublishRate bench = new PublishRate(hub, args[0]);
            bench.posts(seconds / 3 + 1, "posts, warming up");
            bench.posts(seconds, "posts");
        }
    }

    private String head(String path, String contentType, long length) {
        return "POST /api/v1/"
                + path
                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + token
                + "\r\nContent-Type: "
                + contentType
                + "\r\nContent-Length: "
                + length
                + "\r\n\r\n";
    }

    private void stream(int messages, String what) throws Exception {
        byte[] block = block();
        int blocks = Math.max(1, messages / LINES);
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            String head = head("messages", "application/x-ndjson", (long) block.length * blocks);
            long start = System.nanoTime();
            Thread sender = new Thread(() -> send(socket, head, block, blocks), "sender");
            sender.start();
            long answered = count(socket.getInputStream(), (long) LINES * blocks);
            double s = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "%s: %s: %d in %.2f s, %.0f/s%n",
                    name,
                    what,
                    answered,
                    s,
                    answered / s);
            sender.join();
        }
    }

    private static byte[] block() {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < LINES; i++) {
            String line =
                    "{\"channel\":\"bench:" + i * 7 % CHANNELS + "\",\"data\":" + DATA + "}\n";
            block.writeBytes(line.getBytes(StandardCharsets.UTF_8));
        }
        return block.toByteArray();
    }

    private static void send(Socket socket, String head, byte[] block, int blocks) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < blocks; i++) {
                out.write(block);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Counts results by their ids; each has a channel behind it, whose colon is counted as well.
     */
    private static long count(InputStream in, long expected) throws IOException {
        byte[] mark = "{\"id\":\"".getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[1 << 16];
        long found = 0;
        int matched = 0;
        while (found < expected) {
            int read = in.read(bytes);
            if (read < 0) {
                throw new IllegalStateException("the hub closed the connection after " + found);
            }
            for (int i = 0; i < read; i++) {
                matched = bytes[i] == mark[matched] ? matched + 1 : bytes[i] == mark[0] ? 1 : 0;
                if (matched == mark.length) {
                    found++;
                    matched = 0;
                }
            }
        }
        return found;
    }

    private void posts(int seconds, String what) throws Exception {
        Selector selector = Selector.open();
        Post[] posts = new Post[CONNECTIONS];
        for (int i = 0; i < CONNECTIONS; i++) {
            posts[i] = new Post(selector, i);
        }
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        long[] times = new long[1 << 22];
        int[] answered = {0};
        for (Post post : posts) {
            post.send();
        }
        while (System.nanoTime() < end) {
            selector.select(
                    key -> {
                        Post post = (Post) key.attachment();
                        if (post.receive()) {
                            times[answered[0]++] = System.nanoTime() - post.sent;
                            post.send();
                        }
                    },
                    100);
        }
        double s = (System.nanoTime() - start) / 1e9;
        long[] sorted = Arrays.copyOf(times, answered[0]);
        Arrays.sort(sorted);
        System.out.printf(
                Locale.ROOT,
                "%s: %s: %.0f/s, answered within p50 %.2f ms, p99 %.2f ms, at most %.2f ms%n",
                name,
                what,
                answered[0] / s,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6);
        for (Post post : posts) {
            post.socket.close();
        }
    }

    /** One connection, one request at a time. */
    private final class Post {
        private final SocketChannel socket;
        private final ByteBuffer request;
        private final ByteBuffer answer = ByteBuffer.allocate(4_096);
        private long sent;

        Post(Selector selector, int number) throws IOException {
            String head =
                    head(
                            "channels/bench:" + number + "/messages",
                            "application/json",
                            DATA.length());
            request = ByteBuffer.wrap((head + DATA).getBytes(StandardCharsets.UTF_8));
            socket = SocketChannel.open(address);
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_READ, this);
        }

        void send() {
            try {
                sent = System.nanoTime();
                request.rewind();
                answer.clear();
                while (request.hasRemaining()) {
                    socket.write(request);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Whether the answer is whole: its body is one JSON object without another in it. */
        boolean receive() {
            try {
                if (socket.read(answer) < 0) {
                    throw new IllegalStateException("the hub closed a connection");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (answer.position() == 0 || answer.get(answer.position() - 1) != '}') {
                return false;
            }
            String text = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
            if (!text.startsWith("HTTP/1.1 201")) {
                throw new IllegalStateException(text);
            }
            return true;
        }
    }
}
