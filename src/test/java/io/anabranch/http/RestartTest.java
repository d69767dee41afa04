package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A hub that goes down asks its clients to come back, and finishes what it began. */
class RestartTest {
    private static final int DRAIN_MS = 4_000;

    @RegisterExtension final TestHub hub = new TestHub().drain(DRAIN_MS);

    @Test
    void endsItsConnectionsWithAReasonToReturn() throws Exception {
        String token = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", token);
                var stream = new SseReader(hub, "/sse?channel=chat:a", token)) {
            socket.next("ready");
            stream.next();
            int port = hub.port();
            hub.stop();
            JsonObject close = socket.next("close");
            assertThat(close.getInteger("code")).isEqualTo(4503);
            assertThat(close.getInteger("retryAfter")).isBetween(1, DRAIN_MS);
            assertThat(socket.closeCode()).isEqualTo(4503);
            SseReader.Block event = stream.message();
            assertThat(event.event()).isEqualTo("hub.close");
            JsonObject closed = new JsonObject(event.data());
            assertThat(closed.getInteger("code")).isEqualTo(4503);
            assertThat(stream.retryMs())
                    .as("a plain EventSource returns when the frame says, too")
                    .isEqualTo(closed.getInteger("retryAfter"));
            assertRefuses(port);
        }
    }

    @Test
    void asksEachClientToComeBackAtAnotherMoment() throws Exception {
        List<WsClient> sockets = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            WsClient socket = new WsClient(hub, "/ws?channel=chat:a", hub.token("alice"));
            socket.next("ready");
            sockets.add(socket);
        }
        hub.stop();
        List<Integer> moments = new ArrayList<>();
        for (WsClient socket : sockets) {
            moments.add(socket.next("close").getInteger("retryAfter"));
        }
        // Of 40 moments chosen at random none is likely to be alone in its half: 2^-39.
        assertThat(moments).anyMatch(ms -> ms <= DRAIN_MS / 2).anyMatch(ms -> ms > DRAIN_MS / 2);
        assertThat(moments.stream().distinct().count()).isGreaterThan(20);
    }

    @Test
    void deliversWhatItAcknowledgedBeforeItCloses() throws Exception {
        String token = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", token)) {
            socket.next("ready");
            String last = "";
            for (int i = 0; i < 200; i++) {
                last = new Rest(hub, token).publish("chat:a", Integer.toString(i));
            }
            hub.stop();
            String seen = "";
            for (JsonObject frame = socket.next();
                    !"close".equals(frame.getString("type"));
                    frame = socket.next()) {
                seen = frame.getString("id");
            }
            assertThat(seen).isEqualTo(last);
        }
    }

    @Test
    void answersARequestThatIsUnderWay() throws Exception {
        String body = "{\"text\":\"hi\"}";
        int port = hub.port();
        try (Socket slow = new Socket("127.0.0.1", port)) {
            slow.setSoTimeout(10_000);
            beginToPublish(slow, body);
            CompletableFuture<Void> stopped = stopInBackground();
            Awaitility.await().untilAsserted(() -> assertRefuses(port));
            assertThat(stopped).isNotDone();
            send(slow, body.substring(5));
            var reader =
                    new BufferedReader(
                            new InputStreamReader(slow.getInputStream(), StandardCharsets.UTF_8));
            assertThat(reader.readLine()).isEqualTo("HTTP/1.1 201 Created");
            stopped.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void waitsForNobodyLongerThanTheDrain() throws Exception {
        try (Socket never = new Socket("127.0.0.1", hub.port())) {
            beginToPublish(never, "{\"text\":\"hi\"}");
            stopInBackground().get(DRAIN_MS + 10_000, TimeUnit.MILLISECONDS);
        }
    }

    /** Sends all of a request but the end of its body. */
    private void beginToPublish(Socket socket, String body) throws Exception {
        String head =
                "POST /api/v1/channels/chat:a/messages HTTP/1.1\r\nHost: localhost\r\n"
                        + "Content-Type: application/json\r\nAuthorization: Bearer "
                        + hub.token("alice")
                        + "\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n";
        send(socket, head + body.substring(0, 5));
        // Answers on as many connections as the hub accepts from show that it has read that.
        new Rest(hub, hub.token("bob")).publish("chat:b", "1");
        new Rest(hub, hub.token("bob")).publish("chat:b", "2");
    }

    private CompletableFuture<Void> stopInBackground() {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        hub.stop();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static void send(Socket socket, String text) throws Exception {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void assertRefuses(int port) {
        assertThatThrownBy(
                        () -> {
                            try (Socket late = new Socket()) {
                                late.connect(new InetSocketAddress("127.0.0.1", port));
                            }
                        })
                .isInstanceOf(ConnectException.class);
    }
}
