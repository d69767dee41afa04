package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.NatsServer;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hubs that share a stream of one broker, and what becomes of both when it has trouble. */
class NatsClusterTest {
    private static final String CHANNEL = "chat:a";
    private static final String STREAM = "anabranch";

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private NatsServer server;
    private List<TestHub> hubs;
    private String token;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.start(directory);
        hubs = List.of(hub(), hub());
        token = hubs.get(0).token("alice");
    }

    private TestHub hub() throws Exception {
        TestHub hub = new TestHub().nats(server.url(), STREAM).heartbeat(500).drain(0);
        hub.start();
        return hub;
    }

    @AfterEach
    void stop() throws Exception {
        for (TestHub hub : hubs) {
            hub.stop();
        }
        server.close();
    }

    @Test
    void clientThatHopsBetweenHubsAndTransportsMissesAndRepeatsNothing() throws Exception {
        int count = 400;
        CompletableFuture<?> published =
                CompletableFuture.runAsync(() -> publish(count, new Random(1)));
        Random random = new Random(2);
        List<Integer> received = new ArrayList<>();
        String cursor = "earliest";
        while (received.size() < count) {
            TestHub hub = hubs.get(random.nextInt(2));
            String query = "?channel=chat:*&after=" + cursor;
            int some = Math.min(1 + random.nextInt(20), count - received.size());
            cursor =
                    random.nextBoolean()
                            ? overWebSocket(hub, query, some, received)
                            : overSse(hub, query, some, received);
        }
        published.get(20, TimeUnit.SECONDS);
        assertThat(received).isEqualTo(IntStream.range(0, count).boxed().toList());
    }

    private void publish(int count, Random random) {
        try {
            for (int i = 0; i < count; i++) {
                rest(random.nextInt(2)).publish(CHANNEL, Integer.toString(i));
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private String overWebSocket(TestHub hub, String query, int some, List<Integer> received)
            throws Exception {
        try (var socket = new WsClient(hub, "/ws" + query, token)) {
            String cursor = "";
            for (int i = 0; i < some; i++) {
                JsonObject message = socket.next();
                while (!"message".equals(message.getString("type"))) {
                    assertThat(message.getString("type")).isIn("ready", "ok");
                    message = socket.next();
                }
                received.add(message.getInteger("data"));
                cursor = message.getString("id");
            }
            return cursor;
        }
    }

    private String overSse(TestHub hub, String query, int some, List<Integer> received)
            throws Exception {
        try (var stream = new SseReader(hub, "/sse" + query, token)) {
            String cursor = "";
            for (SseReader.Block block : stream.messages(some)) {
                assertThat(block.event()).doesNotStartWith("hub.");
                received.add(Integer.valueOf(block.data()));
                cursor = block.id();
            }
            return cursor;
        }
    }

    @Test
    void repeatAtAnotherHubAnswersTheFirstId() throws Exception {
        HttpResponse<String> first = repeatable(0);
        HttpResponse<String> again = repeatable(1);
        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(first.body());
    }

    private HttpResponse<String> repeatable(int hub) throws Exception {
        return rest(hub).post(CHANNEL, "application/json", "1", "Idempotency-Key", "k");
    }

    @Test
    void withoutTheBrokerNothingIsAcknowledgedAndConnectionsStay() throws Exception {
        try (var socket = new WsClient(hubs.get(0), "/ws?channel=" + CHANNEL, token);
                var stream = new SseReader(hubs.get(1), "/sse?channel=" + CHANNEL, token)) {
            socket.next("ready");
            String before = rest(0).publish(CHANNEL, "1");
            assertThat(socket.next("message").getString("id")).isEqualTo(before);
            assertThat(stream.message().id()).isEqualTo(before);

            server.kill();
            HttpResponse<String> refused = rest(0).post(CHANNEL, "application/json", "2");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(status("/health/live")).isEqualTo(200);
            Awaitility.await().until(() -> status("/health/ready") == 503);
            assertThat(rest(1).history(CHANNEL, "limit=10")).hasSize(1);

            server.restart();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> status("/health/ready") == 200);
            String after = rest(0).publish(CHANNEL, "3");
            JsonObject next = socket.next();
            assertThat(next.getString("id")).isEqualTo(after);
            assertThat(next.getString("prev")).isEqualTo(before);
            assertThat(stream.message().id()).isEqualTo(after);
        }
    }

    @Test
    void streamThatIsDeletedIsAResetAndANewEpoch() throws Exception {
        try (var socket = new WsClient(hubs.get(0), "/ws?channel=" + CHANNEL, token);
                var quiet = new WsClient(hubs.get(1), "/ws?channel=quiet", token)) {
            socket.next("ready");
            quiet.next("ready");
            String before = rest(0).publish(CHANNEL, "1");
            assertThat(socket.next("message").getString("id")).isEqualTo(before);

            try (Connection other = Nats.connect(server.url())) {
                other.jetStreamManagement().deleteStream(STREAM);
            }
            for (WsClient client : List.of(socket, quiet)) {
                JsonObject gap = client.next();
                assertThat(gap.getString("type")).isEqualTo("gap");
                assertThat(gap.getString("reason")).isEqualTo("reset");
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> status("/health/ready") == 200);
            String after = rest(0).publish(CHANNEL, "2");
            assertThat(epoch(after)).isNotEqualTo(epoch(before));
            assertThat(socket.next("message").getString("id")).isEqualTo(after);
        }
    }

    private static String epoch(String id) {
        return id.substring(0, id.indexOf('-'));
    }

    private int status(String path) throws Exception {
        return rest(0).get(path).statusCode();
    }

    private Rest rest(int hub) {
        return new Rest(hubs.get(hub), token);
    }
}
