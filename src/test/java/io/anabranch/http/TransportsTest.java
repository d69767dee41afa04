package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.message.Refusal;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TcpTable;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.transport.Transport;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The hub serves alike, however its event loops talk to the kernel. */
class TransportsTest {
    private static final String PADDING = "x".repeat(10_000);

    /** Those that work on this machine; the JDK's always does. */
    static Stream<String> working() {
        return Stream.of("io_uring", "epoll", "nio").filter(TransportsTest::works);
    }

    private static boolean works(String name) {
        try {
            return Transports.named(name).available();
        } catch (Refusal refusal) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("working")
    void readersOfBothKindsGetAllInOrder(String transport) throws Exception {
        TestHub hub = new TestHub().transport(transport);
        hub.start();
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", hub.token("alice"));
                var stream = new SseReader(hub, "/sse?channel=chat:a", hub.token("bob"))) {
            socket.next("ready");
            stream.next();
            List<String> ids = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                // More than a socket takes at once, so that writes go out in parts.
                ids.addAll(publish(hub, 100));
                for (String id : ids.subList(ids.size() - 100, ids.size())) {
                    assertThat(socket.next("message").getString("id")).isEqualTo(id);
                    assertThat(stream.message().id()).isEqualTo(id);
                }
            }
            socket.send("{\"type\":\"ping\",\"ref\":1}");
            assertThat(socket.next().getString("type")).isEqualTo("ok");
        } finally {
            hub.stop();
        }
    }

    @ParameterizedTest
    @MethodSource("working")
    void closesAReaderThatHasStopped(String transport) throws Exception {
        TestHub hub = new TestHub().transport(transport);
        hub.start();
        publish(hub, 100);
        try (Socket stopped = new Socket()) {
            stopped.setReceiveBufferSize(4_096);
            stopped.connect(new InetSocketAddress("127.0.0.1", hub.port()));
            String request =
                    "GET /sse?channel=chat:a&after=earliest HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                            + hub.token("slow")
                            + "\r\n\r\n";
            stopped.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(stopped.getInputStream().read()).isEqualTo('H');
            Rest admin = new Rest(hub, hub.adminToken());
            Awaitility.await()
                    .until(() -> admin.get("/api/v1/sessions").body().contains("\"behind\":true"));
            admin.send("/api/v1/revocations", "application/json", "{\"sub\":\"slow\"}");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> TcpTable.established(hub.port(), stopped.getLocalPort()) == 0);
        } finally {
            hub.stop();
        }
    }

    private static List<String> publish(TestHub hub, int messages) throws Exception {
        JsonArray batch = new JsonArray();
        for (int i = 0; i < messages; i++) {
            batch.add(new JsonObject().put("channel", "chat:a").put("data", PADDING));
        }
        var answer =
                new Rest(hub, hub.token("carol"))
                        .send("/api/v1/messages", "application/json", batch.encode());
        return new JsonArray(answer.body())
                .stream().map(item -> ((JsonObject) item).getString("id")).toList();
    }

    @ParameterizedTest
    @MethodSource("working")
    void closesARequestWhoseAnswerNobodyReads(String transport) throws Exception {
        TestHub hub = new TestHub().transport(transport).idleTime(1_000);
        hub.start();
        publish(hub, 300);
        try (Socket stopped = new Socket()) {
            stopped.setReceiveBufferSize(4_096);
            stopped.connect(new InetSocketAddress("127.0.0.1", hub.port()));
            String request =
                    "GET /api/v1/channels/chat:a/messages?limit=300 HTTP/1.1\r\nHost: localhost\r\n"
                            + "Authorization: Bearer "
                            + hub.token("slow")
                            + "\r\n\r\n";
            // In all more than the sockets hold between them.
            String requests = request.repeat(8);
            stopped.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
            assertThat(stopped.getInputStream().read()).isEqualTo('H');
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> TcpTable.established(hub.port(), stopped.getLocalPort()) == 0);
        } finally {
            hub.stop();
        }
    }

    @Test
    void takesOneThatWorksWhenNoneIsNamed() {
        Transport taken = Transports.named(Transports.AUTO);
        assertThat(taken.available()).isTrue();
        assertThat(taken.name()).isNotEqualTo("io_uring");
    }

    @Test
    void doesNotStartWithOneThatDoesNotWork() {
        assertThatThrownBy(() -> Transports.named("kqueue"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("http.transport: kqueue does not work here");
    }
}
