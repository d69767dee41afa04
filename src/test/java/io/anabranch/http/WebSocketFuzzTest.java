package io.anabranch.http;

import static io.anabranch.testing.RawWebSocket.BINARY;
import static io.anabranch.testing.RawWebSocket.CLOSE;
import static io.anabranch.testing.RawWebSocket.CONTINUATION;
import static io.anabranch.testing.RawWebSocket.FIN;
import static io.anabranch.testing.RawWebSocket.PING;
import static io.anabranch.testing.RawWebSocket.PONG;
import static io.anabranch.testing.RawWebSocket.TEXT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Fuzz;
import io.anabranch.testing.RawWebSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Messages out of any bytes, cut into any fragments and packets, come back as they were. */
class WebSocketFuzzTest {
    private static final int MAX_BYTES = 4_096;
    private static final int TOO_LARGE = 1009;
    private static final int NO_UTF8 = 1007;

    /** Characters of one to four bytes, and bytes that are none. */
    private static final String[] TEXTS = {"a", "{\"a\":1}", "\u00e9", "\u2028", "\uD83D\uDE00"};

    private static EchoServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new EchoServer(MAX_BYTES);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void echoesWhatIsRightAndClosesOnWhatIsWrong() {
        Fuzz.run(
                150,
                random -> {
                    String version = "Sec-WebSocket-Version: 13";
                    try (RawWebSocket socket = new RawWebSocket(server.port(), "/", version)) {
                        boolean open = true;
                        for (int i = 0; i < 20 && open; i++) {
                            open = sendOne(random, socket);
                        }
                    }
                });
    }

    private static boolean sendOne(Random random, RawWebSocket socket) throws Exception {
        boolean text = random.nextInt(4) > 0;
        byte[] message = text ? text(random) : Fuzz.noise(random, random.nextInt(MAX_BYTES));
        byte[] frames = frames(random, text ? TEXT : BINARY, message);
        boolean sent = isSent(random, socket, frames);
        if (message.length > MAX_BYTES) {
            // The rest of a frame that is too large is not read, which may reset the connection.
            assertThat(closed(socket).map(RawWebSocket.Frame::code).orElse(TOO_LARGE))
                    .isIn(TOO_LARGE, NO_UTF8);
            return false;
        }
        assertThat(sent).isTrue();
        if (text && !isUtf8(message)) {
            assertThat(socket.next(CLOSE).code()).isEqualTo(NO_UTF8);
            return false;
        }
        assertThat(socket.next(text ? TEXT : BINARY).payload()).isEqualTo(message);
        return true;
    }

    /** In packets of any size; not when the server has closed before the end. */
    private static boolean isSent(Random random, RawWebSocket socket, byte[] frames)
            throws IOException {
        try {
            for (int at = 0; at < frames.length; ) {
                int end = Math.min(frames.length, at + 1 + random.nextInt(frames.length));
                socket.sendBytes(Arrays.copyOfRange(frames, at, end));
                at = end;
            }
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    private static Optional<RawWebSocket.Frame> closed(RawWebSocket socket) throws IOException {
        Optional<RawWebSocket.Frame> frame = socket.next();
        while (frame.isPresent() && frame.get().opcode() == PONG) {
            frame = socket.next();
        }
        return frame;
    }

    private static byte[] text(Random random) {
        var out = new ByteArrayOutputStream();
        int length = random.nextInt(20) == 0 ? random.nextInt(3_000) : random.nextInt(40);
        for (int i = 0; i < length; i++) {
            out.writeBytes(TEXTS[random.nextInt(TEXTS.length)].getBytes(UTF_8));
        }
        byte[] text = out.toByteArray();
        if (random.nextInt(10) == 0 && text.length > 0) {
            text[random.nextInt(text.length)] = (byte) (0x80 | random.nextInt(0x80));
        }
        return text;
    }

    private static byte[] frames(Random random, int opcode, byte[] message) {
        var out = new ByteArrayOutputStream();
        int next = opcode;
        int at = 0;
        while (random.nextInt(4) > 0) {
            int end = at + random.nextInt(message.length - at + 1);
            out.writeBytes(RawWebSocket.frame(next, Arrays.copyOfRange(message, at, end)));
            if (random.nextInt(4) == 0) {
                int control = random.nextBoolean() ? PING : PONG;
                out.writeBytes(RawWebSocket.frame(FIN | control, Fuzz.noise(random, 9)));
            }
            next = CONTINUATION;
            at = end;
        }
        byte[] rest = Arrays.copyOfRange(message, at, message.length);
        out.writeBytes(RawWebSocket.frame(FIN | next, rest));
        return out.toByteArray();
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).hasArray();
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
