package io.anabranch.continuity;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One of many clients in one thread. It comes back as {@code anabranch.js} does (protocol, section
 * 10): by WebSocket, after 300 ms by an event stream beside it, then after full jitter. It checks
 * that each channel's numbers {@code "n"} come one after the other, from 1.
 */
final class StormClient {
    private static final long HEAD_START_MS = 300;
    private static final long OPEN_WITHIN_MS = 10_000;
    private static final long FIRST_BACKOFF_MS = 500;
    private static final long MOST_BACKOFF_MS = 30_000;
    private static final long PONG_EVERY_MS = 5_000;

    /** Unasked for, it is as good as an answer to a ping (RFC 6455 §5.5.3). */
    private static final byte[] PONG = {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0};

    private final Storm storm;
    private final InetSocketAddress from;
    private final String token;
    private final Map<String, Integer> read = new HashMap<>();
    private String cursor = "earliest";
    private @Nullable Link webSocket;
    private @Nullable Link stream;
    private @Nullable Link serving;
    private int failures;

    /** Which attempt it is: timers of an earlier one mean nothing any more. */
    private int attempt;

    private long lostAt = System.nanoTime();

    StormClient(Storm storm, InetSocketAddress from, String token) {
        this.storm = storm;
        this.from = from;
        this.token = token;
    }

    void connect() {
        int now = ++attempt;
        storm.counts().attempts++;
        if (storm.isHopping() && ThreadLocalRandom.current().nextBoolean()) {
            stream = new Link("sse");
        } else {
            webSocket = new Link("ws");
        }
        storm.after(HEAD_START_MS, () -> connectBeside(now));
        storm.after(OPEN_WITHIN_MS, () -> giveUp(now));
    }

    private void connectBeside(int of) {
        if (of == attempt && serving == null && stream == null) {
            stream = new Link("sse");
        }
    }

    private void giveUp(int attempted) {
        if (attempted == attempt && serving == null) {
            lost();
        }
    }

    boolean isOpen() {
        return serving != null;
    }

    /** How far it has read {@code channel}. */
    int read(String channel) {
        return read.getOrDefault(channel, 0);
    }

    /** Loses its connection, as by a network that is gone: neither side is told politely. */
    void cut() {
        lost();
    }

    /** Nothing is left of the connections, and it comes back later. */
    private void lost() {
        if (serving != null) {
            storm.isAway();
            lostAt = System.nanoTime();
        }
        close(webSocket);
        close(stream);
        webSocket = null;
        stream = null;
        serving = null;
        attempt++;
        long most = Math.min(MOST_BACKOFF_MS, FIRST_BACKOFF_MS << Math.min(failures++, 10));
        storm.after(ThreadLocalRandom.current().nextLong(most), this::connect);
    }

    private static void close(@Nullable Link link) {
        if (link != null) {
            link.close();
        }
    }

    private void ready(Link link) {
        if (serving != null) {
            return;
        }
        serving = link;
        failures = 0;
        close(link == webSocket ? stream : webSocket);
        storm.isBack(System.nanoTime() - lostAt);
        if (storm.isHopping()) {
            hopLater();
        }
    }

    /** Leaves its connection for another one, some time after now. */
    void hopLater() {
        int now = attempt;
        storm.after(storm.untilHop(), () -> hop(now));
    }

    private void hop(int of) {
        if (of == attempt && serving != null && storm.isHopping()) {
            lost();
        }
    }

    private void ended(Link link) {
        link.close();
        if (link == webSocket) {
            webSocket = null;
        } else {
            stream = null;
        }
        if (link == serving || (webSocket == null && stream == null)) {
            lost();
        }
    }

    private void take(String frame, String id) {
        int number = Integer.parseInt(value(frame, "\"n\":"), 0, digits(frame, "\"n\":"), 10);
        String rest = value(frame, "\"channel\":\"");
        String channel = rest.substring(0, rest.indexOf('"'));
        int expected = read.getOrDefault(channel, 0) + 1;
        if (number < expected) {
            storm.counts().repeated++;
        } else if (number > expected) {
            storm.counts().skipped += number - expected;
        }
        storm.counts().received++;
        read.merge(channel, number, Math::max);
        cursor = id;
    }

    private static String value(String frame, String name) {
        return frame.substring(frame.indexOf(name) + name.length());
    }

    private static int digits(String frame, String name) {
        String value = value(frame, name);
        int end = 0;
        while (Character.isDigit(value.charAt(end))) {
            end++;
        }
        return end;
    }

    /** One connection, or the attempt to have one. */
    final class Link {
        private final String transport;
        private final SocketChannel socket;
        private final StringBuilder text = new StringBuilder();
        private long pongAt = System.nanoTime();

        Link(String transport) {
            this.transport = transport;
            try {
                socket = SocketChannel.open();
                socket.configureBlocking(false);
                // No port stays in TIME_WAIT, and the other end is told by a reset.
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                socket.bind(from);
                socket.connect(storm.hub());
                socket.register(storm.selector(), SelectionKey.OP_CONNECT, this);
            } catch (IOException e) {
                throw new IllegalStateException("the machine lets no more connections be", e);
            }
        }

        /** The selector has something for it. */
        void go(SelectionKey key, ByteBuffer buffer) {
            if (!key.isValid()) {
                // Closed in this turn, by the client's other link.
                return;
            }
            try {
                if (key.isConnectable()) {
                    socket.finishConnect();
                    socket.write(ByteBuffer.wrap(request().getBytes(ISO_8859_1)));
                    key.interestOps(SelectionKey.OP_READ);
                } else {
                    read(buffer);
                }
            } catch (IOException refusedOrReset) {
                ended(this);
            }
        }

        private String request() {
            String upgrade =
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
            return "GET /%s?channel=storm:*&envelope=true&after=%s HTTP/1.1\r\nHost: hub\r\n"
                            .formatted(transport, cursor)
                    + ("Authorization: Bearer " + token + "\r\n")
                    + (transport.equals("ws") ? upgrade : "")
                    + "\r\n";
        }

        private void read(ByteBuffer buffer) throws IOException {
            int length = socket.read(buffer.clear());
            if (length < 0) {
                ended(this);
                return;
            }
            text.append(ISO_8859_1.decode(buffer.flip()));
            if (transport.equals("ws")
                    && System.nanoTime() - pongAt > MILLISECONDS.toNanos(PONG_EVERY_MS)) {
                pongAt = System.nanoTime();
                socket.write(ByteBuffer.wrap(PONG));
            }
            takeFrames();
        }

        private void takeFrames() {
            int begin = text.indexOf("{\"type\":\"");
            while (begin >= 0) {
                int end = text.indexOf("}", begin);
                if (end < 0) {
                    break;
                }
                take(text.substring(begin, end + 1));
                text.delete(0, end + 1);
                begin = text.indexOf("{\"type\":\"");
            }
            // An answer's head, which has no frame yet, is not long.
            if (begin < 0 && text.length() > 4_096) {
                throw new IllegalStateException("no frames: " + text);
            }
        }

        private void take(String frame) {
            if (frame.startsWith("{\"type\":\"ready\"")) {
                ready(this);
            } else if (frame.startsWith("{\"type\":\"gap\"")) {
                storm.counts().gaps++;
            } else if (frame.startsWith("{\"type\":\"message\"") && this == serving) {
                String id = value(frame, "\"id\":\"");
                StormClient.this.take(frame, id.substring(0, id.indexOf('"')));
            }
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
