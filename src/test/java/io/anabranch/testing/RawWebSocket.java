package io.anabranch.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A WebSocket byte by byte (RFC 6455 §5.2), which says what no client library would. */
public final class RawWebSocket implements AutoCloseable {
    public static final int CONTINUATION = 0x0;
    public static final int TEXT = 0x1;
    public static final int BINARY = 0x2;
    public static final int CLOSE = 0x8;
    public static final int PING = 0x9;
    public static final int PONG = 0xA;
    public static final int FIN = 0x80;
    public static final int RSV1 = 0x40;

    private static final byte[] MASK = {0x21, 0x43, 0x65, 0x7};

    /** A frame that the hub sent. */
    public record Frame(int opcode, boolean rsv1, byte[] payload) {
        public String text() {
            return new String(payload, UTF_8);
        }

        /** Of a close frame. */
        public int code() {
            return ByteBuffer.wrap(payload).getShort();
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final String answer;

    public RawWebSocket(TestHub hub, String pathAndQuery, String token) throws IOException {
        this(
                hub.port(),
                pathAndQuery,
                "Sec-WebSocket-Version: 13",
                "Authorization: Bearer " + token);
    }

    /**
     * @param headers beside those of every handshake but its version
     */
    public RawWebSocket(int port, String pathAndQuery, String... headers) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        String head =
                "GET "
                        + pathAndQuery
                        + " HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + String.join("\r\n", headers)
                        + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(ISO_8859_1));
        StringBuilder read = new StringBuilder();
        while (read.indexOf("\r\n\r\n") < 0) {
            read.append((char) in.readUnsignedByte());
        }
        answer = read.toString();
    }

    public int status() {
        return Integer.parseInt(answer.substring(9, 12));
    }

    /** The head of the answer to the handshake. */
    public String answer() {
        return answer;
    }

    public Socket socket() {
        return socket;
    }

    /** Sends a masked frame. */
    public RawWebSocket send(int flagsAndOpcode, byte[] payload) throws IOException {
        return sendBytes(frame(flagsAndOpcode, payload));
    }

    public RawWebSocket sendText(String text) throws IOException {
        return send(FIN | TEXT, text.getBytes(UTF_8));
    }

    public RawWebSocket sendBytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** A masked frame with the shortest length. */
    public static byte[] frame(int flagsAndOpcode, byte[] payload) {
        ByteBuffer out = ByteBuffer.allocate(payload.length + 14).put((byte) flagsAndOpcode);
        if (payload.length < 126) {
            out.put((byte) (0x80 | payload.length));
        } else if (payload.length < 1 << 16) {
            out.put((byte) 0xfe).putShort((short) payload.length);
        } else {
            out.put((byte) 0xff).putLong(payload.length);
        }
        out.put(MASK);
        for (int i = 0; i < payload.length; i++) {
            out.put((byte) (payload[i] ^ MASK[i & 3]));
        }
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    /** The hub's next frame; empty when it has ended the connection. */
    public Optional<Frame> next() throws IOException {
        try {
            int first = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = Math.toIntExact(in.readLong());
            }
            byte[] payload = new byte[length];
            in.readFully(payload);
            return Optional.of(new Frame(first & 0xf, (first & RSV1) != 0, payload));
        } catch (EOFException | SocketException e) {
            return Optional.empty();
        }
    }

    /** The hub's next frame of that kind; others are passed over. */
    public Frame next(int opcode) throws IOException {
        while (true) {
            Frame frame =
                    next().orElseThrow(() -> new AssertionError("closed, no frame " + opcode));
            if (frame.opcode() == opcode) {
                return frame;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
