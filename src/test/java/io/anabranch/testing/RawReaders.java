package io.anabranch.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Many connections on one selector that read when they are told to. They expect messages whose data
 * holds {@code #number~nanoseconds#}, numbered from 1 a channel, and check that none is missing
 * without a gap.
 */
public final class RawReaders implements AutoCloseable {
    private final Selector selector = Selector.open();
    private boolean large;
    private final List<Reader> readers = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    private final byte[] bytes = new byte[1 << 16];
    private LongStream.Builder delays = LongStream.builder();

    public RawReaders() throws IOException {}

    /**
     * Opens a connection, and returns when the hub has said that it is ready.
     *
     * @param last the number of the last message that was published on {@code channel}
     */
    public void open(int port, String token, String transport, String channel, int last)
            throws IOException {
        SocketChannel socket = SocketChannel.open();
        socket.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        String upgrade =
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: "
                        + Base64.getEncoder().encodeToString(new byte[16])
                        + "\r\n";
        String request =
                ("GET /" + transport + "?channel=" + channel + " HTTP/1.1\r\nHost: localhost\r\n")
                        + ("Authorization: Bearer " + token + "\r\n")
                        + (transport.equals("ws") ? upgrade : "")
                        + "\r\n";
        socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\"ready\"") < 0) {
            buffer.clear();
            if (socket.read(buffer) < 0) {
                throw new IOException("refused: " + head);
            }
            head.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
        }
        socket.configureBlocking(false);
        Reader reader = new Reader(channel, transport.equals("ws"), last);
        readers.add(reader);
        socket.register(selector, SelectionKey.OP_READ, reader);
    }

    /** Reads until all on {@code channel} have message {@code number}, or so long. */
    public boolean readUntil(String channel, int number, int seconds) throws IOException {
        if (!large) {
            large = true;
            for (SelectionKey key : selector.keys()) {
                // What was small, to fill soon, would now be slow.
                ((SocketChannel) key.channel()).setOption(StandardSocketOptions.SO_RCVBUF, 1 << 16);
            }
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (on(channel).anyMatch(reader -> reader.last < number)) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            selector.select(this::read, left);
        }
        return true;
    }

    private Stream<Reader> on(String channel) {
        return readers.stream().filter(reader -> reader.channel.equals(channel));
    }

    private void read(SelectionKey key) {
        try {
            Reader reader = (Reader) key.attachment();
            SocketChannel socket = (SocketChannel) key.channel();
            buffer.clear();
            if (socket.read(buffer) < 0) {
                throw new AssertionError("the hub closed a connection after " + reader);
            }
            reader.pong(socket);
            buffer.flip();
            int length = buffer.remaining();
            buffer.get(bytes, 0, length);
            for (int i = 0; i < length; i++) {
                reader.take(bytes[i]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many gaps those on {@code channel} heard of, together. */
    public long gaps(String channel) {
        return on(channel).mapToLong(reader -> reader.gaps).sum();
    }

    /** What was wrong with the order of any connection's messages: nothing, when all is well. */
    public List<String> faults() {
        return readers.stream().flatMap(reader -> reader.faults.stream()).toList();
    }

    /** The delay in µs that this share of the messages since the last call stayed within. */
    public long[] delays(double... shares) {
        long[] sorted = delays.build().map(delay -> delay / 1_000).sorted().toArray();
        delays = LongStream.builder();
        long[] result = new long[shares.length];
        for (int i = 0; i < shares.length; i++) {
            result[i] = sorted[(int) (shares[i] * (sorted.length - 1))];
        }
        return result;
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }

    /** What one connection has seen. */
    private final class Reader {
        private static final int MAX_FAULTS = 3;
        private final List<String> faults = new ArrayList<>();
        private final StringBuilder token = new StringBuilder();
        private boolean inMark;
        private boolean inGap;
        private boolean gapOpen;
        private int last;
        private long gaps;
        private int matched;
        private long pongAt = System.nanoTime();
        private final String channel;
        private final boolean webSocket;

        Reader(String channel, boolean webSocket, int last) {
            this.last = last;
            this.channel = channel;
            this.webSocket = webSocket;
        }

        /** Unasked for, now and then: it is as good as an answer to a ping. */
        void pong(SocketChannel socket) throws IOException {
            if (webSocket && System.nanoTime() - pongAt > 1_000_000_000L) {
                pongAt = System.nanoTime();
                socket.write(ByteBuffer.wrap(PONG));
            }
        }

        void take(byte b) {
            if (b == PADDING.charAt(0)) {
                return;
            }
            if (inMark) {
                takeMark(b);
            } else if (inGap) {
                takeGap(b);
            } else if (b == '#') {
                inMark = true;
            } else {
                matched = b == GAP[matched] ? matched + 1 : b == GAP[0] ? 1 : 0;
                if (matched == GAP.length) {
                    matched = 0;
                    inGap = true;
                }
            }
        }

        private void takeMark(byte b) {
            if (b != '#') {
                token.append((char) b);
                return;
            }
            inMark = false;
            int tilde = token.indexOf("~");
            int number = Integer.parseInt(token, 0, tilde, 10);
            delays.add(System.nanoTime() - Long.parseLong(token, tilde + 1, token.length(), 10));
            token.setLength(0);
            if (gapOpen ? number <= last + 1 : number != last + 1) {
                fault((gapOpen ? "after a gap " : "") + number + " after " + last);
            }
            gapOpen = false;
            last = number;
        }

        private void takeGap(byte b) {
            token.append((char) b);
            if (b != '}') {
                return;
            }
            inGap = false;
            if (gapOpen || token.indexOf("\"overflow\"") < 0) {
                fault("gap after " + last + ": " + token);
            }
            token.setLength(0);
            gapOpen = true;
            gaps++;
        }

        private void fault(String text) {
            if (faults.size() < MAX_FAULTS) {
                faults.add(text);
            }
        }

        @Override
        public String toString() {
            return channel + " " + last;
        }
    }

    /** What fills the messages up. */
    public static final String PADDING = "z";

    private static final byte[] PONG = {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0};
    private static final byte[] GAP = "\"type\":\"gap\"".getBytes(StandardCharsets.US_ASCII);
}
