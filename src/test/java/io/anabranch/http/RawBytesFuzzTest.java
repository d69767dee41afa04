package io.anabranch.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.anabranch.testing.Fuzz;
import io.anabranch.testing.RawWebSocket;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/**
 * Any bytes on the socket of a hub: it logs no failure, keeps none of its buffers, and its
 * neighbours get what is published.
 */
class RawBytesFuzzTest {
    private static final byte[][] PIECES =
            Arrays.stream(
                            new String[] {
                                "\r\n",
                                "\r\n\r\n",
                                "\u0000",
                                "Content-Length: -1\r\n",
                                "Content-Length: 99999999999999999999\r\n",
                                "Transfer-Encoding: chunked\r\n",
                                "Expect: 100-continue\r\n",
                                "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
                                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000",
                                "GET / HTTP/1.0\r\n",
                                "fffffffff\r\n",
                                "%00",
                                "%zz",
                                "?channel=*",
                                "\u0081\u00fe",
                                "\u0088\u0080",
                                "\u0089\u00ff"
                            })
                    .map(piece -> piece.getBytes(ISO_8859_1))
                    .toArray(byte[][]::new);

    @RegisterExtension final TestHub hub = new TestHub();

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);

    @BeforeEach
    void listenToTheLog() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
        root.detachAppender(log);
    }

    @Test
    void harmNobody() throws Exception {
        List<String> fuzz = List.of("fuzz:*");
        String token = hub.token("mallory", fuzz, fuzz, Duration.ofHours(1));
        Rest rest = new Rest(hub, hub.token("alice"));
        try (SseReader sse = new SseReader(hub, "/sse?channel=well:*", hub.token("bob"));
                WsClient socket = new WsClient(hub, "/ws?channel=well:*", hub.token("carol"))) {
            rest.publish("well:a", "0");
            sse.message();
            socket.next("message");
            long pinned = pinnedBytes();
            Fuzz.run(
                    400,
                    random -> {
                        talk(random, token);
                        if (random.nextInt(20) == 0) {
                            String id = rest.publish("well:a", "1");
                            assertThat(sse.message().id()).isEqualTo(id);
                            assertThat(socket.next("message").getString("id")).isEqualTo(id);
                        }
                        assertThat(log.list.stream().filter(e -> e.getLevel() == Level.ERROR))
                                .isEmpty();
                        log.list.clear();
                    });
            await().atMost(Duration.ofSeconds(20)).until(() -> pinnedBytes() <= pinned);
        }
    }

    /** What is taken from the pool. */
    private static long pinnedBytes() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }

    private void talk(Random random, String token) throws IOException {
        byte[] changed = Fuzz.mutate(random, request(random), PIECES);
        byte[] bytes = new String(changed, ISO_8859_1).replace("TOKEN", token).getBytes(ISO_8859_1);
        try (Socket socket = new Socket("127.0.0.1", hub.port())) {
            socket.setSoTimeout(1 + random.nextInt(30));
            for (int at = 0; at < bytes.length; ) {
                int end = random.nextBoolean() ? bytes.length : at + 1 + random.nextInt(64);
                socket.getOutputStream().write(bytes, at, Math.min(bytes.length, end) - at);
                at = end;
            }
            end(random, socket);
        } catch (SocketTimeoutException | java.net.SocketException expected) {
            // It waits for more, or has refused what came before all was sent.
        }
    }

    private static void end(Random random, Socket socket) throws IOException {
        switch (random.nextInt(4)) {
            case 0 -> socket.setSoLinger(true, 0);
            case 1 -> {
                socket.shutdownOutput();
                socket.getInputStream().readNBytes(100_000);
            }
            case 2 -> socket.getInputStream().readNBytes(1 + random.nextInt(2_000));
            default -> {
                // Closes at once, with the answer unread.
            }
        }
    }

    private static byte[] request(Random random) {
        String end = "Host: hub\r\nAuthorization: Bearer TOKEN\r\n";
        String json = "{\"type\":\"message\",\"a\":[1,\"\\u00e9\"]}";
        String post = "POST /api/v1/channels/fuzz:a/messages HTTP/1.1\r\n" + end;
        String type = "Content-Type: application/json\r\n";
        String text =
                switch (random.nextInt(8)) {
                    case 0 -> "GET /sse?channel=fuzz:*&last=9 HTTP/1.1\r\n" + end + "\r\n";
                    case 1 -> post + type + "Content-Length: " + json.length() + "\r\n\r\n" + json;
                    case 2 ->
                            post
                                    + type
                                    + "Transfer-Encoding: chunked\r\n\r\n4\r\n[1,2\r\n1\r\n]\r\n0\r\n\r\n";
                    case 3 ->
                            "POST /api/v1/messages HTTP/1.1\r\n"
                                    + end
                                    + "Content-Type: application/x-ndjson\r\nContent-Length: 72\r\n\r\n"
                                    + "{\"channel\":\"fuzz:a\",\"data\":1}\n".repeat(2);
                    case 4 -> "GET /openapi.yaml HTTP/1.1\r\n" + end + "\r\n";
                    case 5 -> new String(Fuzz.noise(random, random.nextInt(400)), ISO_8859_1);
                    default ->
                            "GET /ws?channel=fuzz:* HTTP/1.1\r\n"
                                    + end
                                    + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                    + "Sec-WebSocket-Version: 13\r\n"
                                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
                };
        var out = new ByteArrayOutputStream();
        out.writeBytes(text.getBytes(ISO_8859_1));
        if (text.startsWith("GET /ws")) {
            frames(random, out);
        } else if (random.nextBoolean()) {
            out.writeBytes(text.getBytes(ISO_8859_1));
        }
        return out.toByteArray();
    }

    private static void frames(Random random, ByteArrayOutputStream out) {
        String[] frames = {
            "{\"type\":\"subscribe\",\"ref\":1,\"channel\":\"fuzz:b\",\"after\":\"earliest\"}",
            "{\"type\":\"publish\",\"ref\":2,\"channel\":\"fuzz:a\",\"data\":{\"a\":1}}",
            "{\"type\":\"history\",\"ref\":3,\"channel\":\"fuzz:a\",\"limit\":3}",
            "{\"type\":\"unsubscribe\",\"channel\":\"fuzz:*\"}",
            "{\"type\":\"presence\",\"channel\":\"fuzz:a\"}",
            "{\"type\":\"call\",\"service\":\"a\",\"data\":1}",
            "{\"type\":\"auth\",\"token\":\"a.b.c\"}",
            "{\"type\":\"ping\",\"ref\":[]}"
        };
        for (int i = random.nextInt(8); i > 0; i--) {
            byte[] frame = frames[random.nextInt(frames.length)].getBytes(UTF_8);
            byte[] payload = random.nextBoolean() ? frame : Fuzz.mutate(random, frame, PIECES);
            int first = random.nextInt(4) > 0 ? 0x81 : random.nextInt(256);
            out.writeBytes(RawWebSocket.frame(first, payload));
        }
    }
}
