package io.anabranch.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.SseReader.Block;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** A connection lives as long as its token, and a renewal loses no message. */
class TokenEndTest {
    private static final Duration SHORT = Duration.ofSeconds(3);

    /** How long after its token a connection may live, in ms (protocol, section 7). */
    private static final long GRACE_MS = 1_000;

    /** Long before the WebSocket protocol's own patience ends, which is 10 s. */
    private static final Duration CUT_OFF_WITHIN = Duration.ofSeconds(5);

    private static final byte[] PONG = {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0};

    @RegisterExtension final TestHub hub = new TestHub();

    /** So that a short token is not used up by the first connection of a new process. */
    @BeforeEach
    void connectOnce() throws Exception {
        String token = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws", token);
                var stream = new SseReader(hub, "/sse?channel=chat:a", token)) {
            socket.next("ready");
            stream.next();
        }
    }

    @Test
    void endsAStreamWithinASecondAfterItsToken() throws Exception {
        try (var stream = new SseReader(hub, "/sse?channel=chat:a", shortToken())) {
            long expires = expires(stream);
            Block close = stream.message();
            assertThat(System.currentTimeMillis()).isBetween(expires, expires + GRACE_MS);
            assertThat(close.event()).isEqualTo("hub.close");
            assertThat(new JsonObject(close.data()).getInteger("code")).isEqualTo(4401);
            assertThat(stream.message().event()).isEqualTo("end of stream");
        }
    }

    private static long expires(SseReader stream) throws Exception {
        Block block = stream.next();
        while (!block.event().equals("hub.ready")) {
            block = stream.next();
        }
        return new JsonObject(block.data()).getLong("expires");
    }

    @Test
    void endsAWebSocketWithinASecondAfterItsToken() throws Exception {
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", shortToken())) {
            long expires = socket.next("ready").getLong("expires");
            assertThat(socket.next("close").getInteger("code")).isEqualTo(4401);
            assertThat(System.currentTimeMillis()).isBetween(expires, expires + GRACE_MS);
            assertThat(socket.closeCode()).isEqualTo(4401);
        }
    }

    @Test
    void endsAStreamOverEitherVersionOfHttpWithoutAFailure() throws Exception {
        Queue<String> errors = new ConcurrentLinkedQueue<>();
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        AppenderBase<ILoggingEvent> appender =
                new AppenderBase<>() {
                    @Override
                    protected void append(ILoggingEvent event) {
                        if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                            errors.add(event.getFormattedMessage());
                        }
                    }
                };
        appender.start();
        root.addAppender(appender);
        try {
            for (HttpClient.Version version : HttpClient.Version.values()) {
                HttpRequest request =
                        HttpRequest.newBuilder(hub.uri("/sse?channel=chat:a"))
                                .version(version)
                                .header("Authorization", "Bearer " + shortToken())
                                .build();
                HttpResponse<String> ended =
                        HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
                assertThat(ended.version()).isEqualTo(version);
                assertThat(ended.body()).contains("4401");
            }
            // A connection that ended is looked at once more, within a second.
            Awaitility.await().during(Duration.ofSeconds(1)).until(errors::isEmpty);
        } finally {
            root.detachAppender(appender);
        }
    }

    @Test
    void endsAStreamWhoseClientDoesNotRead() throws Exception {
        publishMore();
        try (Socket stopped = stoppedStream(hub.token("slow"))) {
            revokeSlow();
            // Empty lines before a request are skipped (RFC 9112 §2.2).
            assertCutOff(stopped, "\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void endsAWebSocketWhoseClientDoesNotRead() throws Exception {
        publishMore();
        try (Socket stopped = stoppedWebSocket(hub.token("slow"))) {
            revokeSlow();
            assertCutOff(stopped, PONG);
        }
    }

    @Test
    void endsAStreamWhoseClientDoesNotReadAfterItsToken() throws Exception {
        publishMore();
        String token = hub.token("slow", List.of("*"), List.of(), SHORT);
        try (Socket stopped = stoppedStream(token)) {
            assertCutOff(stopped, "\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        assertJustAfterTheEndOf(token);
    }

    @Test
    void endsAWebSocketWhoseClientDoesNotReadAfterItsToken() throws Exception {
        publishMore();
        String token = hub.token("slow", List.of("*"), List.of(), SHORT);
        try (Socket stopped = stoppedWebSocket(token)) {
            assertCutOff(stopped, PONG);
        }
        assertJustAfterTheEndOf(token);
    }

    /** More than a connection takes whose client does not read. */
    private void publishMore() throws Exception {
        String large = "\"" + "x".repeat(60_000) + "\"";
        for (int i = 0; i < 20; i++) {
            new Rest(hub, hub.token("bob")).publish("chat:a", large);
        }
    }

    private Socket stoppedStream(String token) throws Exception {
        return stopped("/sse", "", token);
    }

    private Socket stoppedWebSocket(String token) throws Exception {
        String upgrade =
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
        return stopped("/ws", upgrade, token);
    }

    /** Reads all that there is from the beginning, but takes nothing of it. */
    private Socket stopped(String path, String headers, String token) throws Exception {
        Socket stopped = new Socket();
        stopped.setReceiveBufferSize(4_096);
        stopped.connect(new InetSocketAddress("127.0.0.1", hub.port()));
        String head =
                "GET "
                        + path
                        + "?channel=chat:a&after=earliest HTTP/1.1\r\nHost: localhost\r\n"
                        + headers
                        + "Authorization: Bearer "
                        + token
                        + "\r\n\r\n";
        stopped.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        Rest admin = new Rest(hub, hub.adminToken());
        Awaitility.await()
                .until(() -> sessionOfSlow(admin).map(it -> it.getBoolean("behind")).orElse(false));
        return stopped;
    }

    private void revokeSlow() throws Exception {
        new Rest(hub, hub.adminToken())
                .send("/api/v1/revocations", "application/json", "{\"sub\":\"slow\"}");
    }

    /** What is still sent to the other end shows by a reset that it is gone. */
    private static void assertCutOff(Socket stopped, byte[] harmless) throws IOException {
        OutputStream out = stopped.getOutputStream();
        Awaitility.await()
                .atMost(CUT_OFF_WITHIN)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            try {
                                out.write(harmless);
                                return false;
                            } catch (IOException e) {
                                return true;
                            }
                        });
    }

    private static void assertJustAfterTheEndOf(String token) {
        String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), UTF_8);
        long expires = new JsonObject(claims).getLong("exp") * 1_000;
        // A second for the promise, and one to find out.
        assertThat(System.currentTimeMillis()).isBetween(expires, expires + 2 * GRACE_MS);
    }

    private static Optional<JsonObject> sessionOfSlow(Rest admin) throws Exception {
        String list = admin.get("/api/v1/sessions?user=slow").body();
        return new JsonObject(list)
                .getJsonArray("sessions").stream().map(JsonObject.class::cast).findFirst();
    }

    @Test
    void aRenewedWebSocketLosesNothing() throws Exception {
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", shortToken())) {
            long expires = socket.next("ready").getLong("expires");
            int published = 0;
            boolean renewed = false;
            while (System.currentTimeMillis() < expires + GRACE_MS) {
                publish(++published);
                if (!renewed && System.currentTimeMillis() > expires - 1_000) {
                    renewed = true;
                    socket.send(auth(hub.token("alice")));
                }
            }
            for (int n = 1; n <= published; n++) {
                assertThat(socket.next("message").getInteger("data")).isEqualTo(n);
            }
        }
    }

    @Test
    void aStreamThatIsOpenedAgainLosesNothing() throws Exception {
        int published = 0;
        String cursor = "earliest";
        for (int opened = 0; opened < 2; opened++) {
            String path = "/sse?channel=chat:a&after=" + cursor;
            int seen = published;
            try (var stream = new SseReader(hub, path, shortToken())) {
                long expires = expires(stream);
                while (System.currentTimeMillis() < expires + 100) {
                    publish(++published);
                }
                Block block = stream.message();
                for (; !block.event().equals("hub.close"); block = stream.message()) {
                    assertThat(block.data()).isEqualTo(Integer.toString(++seen));
                    cursor = block.id();
                }
            }
            try (var after =
                    new SseReader(
                            hub,
                            "/sse?channel=chat:a",
                            hub.token("alice"),
                            "Last-Event-ID",
                            cursor)) {
                while (seen < published) {
                    Block block = after.message();
                    assertThat(block.data()).isEqualTo(Integer.toString(++seen));
                    cursor = block.id();
                }
            }
        }
        assertThat(published).isGreaterThan(10);
    }

    @Test
    void anExpiredTokenRenewsNothing() throws Exception {
        String expired = hub.token("alice", List.of("*"), List.of(), Duration.ofSeconds(-5));
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", shortToken())) {
            socket.next("ready");
            assertThat(socket.send(auth(expired)).next("error").getInteger("status"))
                    .isEqualTo(401);
            assertThat(socket.next("close").getInteger("code")).isEqualTo(4401);
        }
    }

    private void publish(int n) throws Exception {
        new Rest(hub, hub.token("bob")).publish("chat:a", Integer.toString(n));
    }

    private String shortToken() {
        return hub.token("alice", List.of("*"), List.of(), SHORT);
    }

    private static String auth(String token) {
        return new JsonObject().put("type", "auth").put("ref", 1).put("token", token).encode();
    }
}
