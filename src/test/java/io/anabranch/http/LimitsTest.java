package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.message.Limit;
import io.anabranch.testing.Raw;
import io.anabranch.testing.RawWebSocket;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What goes beyond a limit is refused in words that name it; who keeps within is not harmed. */
class LimitsTest {
    private final TestHub hub = new TestHub().anonymous(List.of("open:*"), List.of("open:*"));

    @AfterEach
    void stop() throws Exception {
        hub.stop();
    }

    @Test
    void aUserHasSoManyConnectionsOverBothTransports() throws Exception {
        hub.limit(Limit.CONNECTIONS_PER_USER, 2).start();
        String mallory = hub.token("mallory");
        try (SseReader first = new SseReader(hub, "/sse?channel=a", mallory);
                WsClient second = new WsClient(hub, "/ws?channel=a", mallory)) {
            first.next();
            second.next("ready");
            refusesOnBoth(mallory, "limits.connectionsPerUser");
            try (SseReader bob = new SseReader(hub, "/sse?channel=a", hub.token("bob"))) {
                assertThat(bob.status()).isEqualTo(200);
            }
        }
        await().until(() -> isLetIn(mallory));
    }

    private boolean isLetIn(String token) throws Exception {
        try (SseReader reader = new SseReader(hub, "/sse?channel=a", token)) {
            return reader.status() == 200;
        }
    }

    /** By HTTP alone, before the upgrade. */
    private void refusesOnBoth(String token, String setting) throws Exception {
        Raw.Answer sse =
                Raw.send(hub, "GET", "/sse?channel=open:a", "Authorization: Bearer " + token);
        assertThat(sse.status()).isEqualTo(429);
        assertThat(sse.header("Retry-After")).containsExactly("1");
        assertThat(new JsonObject(sse.body()).getString("code")).isEqualTo("too_many_requests");
        assertThat(sse.body()).contains(setting);
        try (RawWebSocket socket = new RawWebSocket(hub, "/ws?channel=open:a", token)) {
            assertThat(socket.status()).isEqualTo(429);
            assertThat(socket.answer().toLowerCase(java.util.Locale.ROOT))
                    .contains("retry-after: 1");
        }
    }

    @Test
    void theHubAndEachAddressHaveSoManyConnections() throws Exception {
        hub.limit(Limit.CONNECTIONS, 3)
                .limit(Limit.CONNECTIONS_PER_ADDRESS, 1)
                .trustedProxies("127.0.0.1")
                .start();
        String token = hub.token("alice");
        try (SseReader first =
                        new SseReader(
                                hub, "/sse?channel=a", token, "X-Forwarded-For", "203.0.113.1");
                SseReader second =
                        new SseReader(
                                hub, "/sse?channel=a", token, "X-Forwarded-For", "203.0.113.2");
                SseReader third = new SseReader(hub, "/sse?channel=a", token)) {
            assertThat(first.status()).isEqualTo(200);
            assertThat(second.status()).isEqualTo(200);
            assertThat(third.status()).isEqualTo(200);
            refusesOnBoth(token, "limits.connections)");
            first.close();
            await().untilAsserted(() -> refusesOnBoth(token, "limits.connectionsPerAddress"));
        }
    }

    @Test
    void aNewTokenOnAConnectionCountsForItsUser() throws Exception {
        hub.limit(Limit.CONNECTIONS_PER_USER, 1).start();
        try (WsClient alice = new WsClient(hub, "/ws", hub.token("alice"));
                WsClient nobody = new WsClient(hub, "/ws", "")) {
            alice.next("ready");
            nobody.next("ready");
            nobody.send("{\"type\":\"auth\",\"token\":\"" + hub.token("alice") + "\"}");
            JsonObject error = nobody.next("error");
            assertThat(error.getInteger("status")).isEqualTo(429);
            assertThat(error.getString("message")).contains("limits.connectionsPerUser");
        }
    }

    @Test
    void aUserPublishesSoManyMessagesASecondWhateverTheWay() throws Exception {
        hub.limit(Limit.PUBLISH_PER_SECOND, 5).start();
        String token = hub.token("mallory");
        Rest mallory = new Rest(hub, token);
        String items =
                IntStream.range(0, 20)
                        .mapToObj(i -> "{\"channel\":\"a\",\"data\":" + i + "}")
                        .collect(Collectors.joining(",", "[", "]"));
        JsonArray results =
                new JsonArray(mallory.send("/api/v1/messages", "application/json", items).body());
        assertThat(results.getJsonObject(0).getString("id")).isNotEmpty();
        JsonObject last = results.getJsonObject(19);
        assertThat(last.getInteger("status")).isEqualTo(429);
        assertThat(last.getString("message")).contains("limits.publishPerSecond", "5");

        HttpResponse<String> refused = null;
        for (int i = 0; i < 50 && (refused == null || refused.statusCode() != 429); i++) {
            refused = mallory.post("a", "application/json", "1");
        }
        assertThat(refused).isNotNull();
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        try (WsClient socket = new WsClient(hub, "/ws", token)) {
            for (int i = 0; i < 50; i++) {
                socket.send("{\"type\":\"publish\",\"ref\":1,\"channel\":\"a\",\"data\":1}");
            }
            JsonObject error = socket.next("error");
            assertThat(error.getInteger("status")).isEqualTo(429);
            assertThat(error.getString("code")).isEqualTo("too_many_requests");
        }
        new Rest(hub, hub.token("bob")).publish("a", "1");
    }

    @Test
    void aStreamOfItemsIsSlowedDownAndLosesNothing() throws Exception {
        hub.limit(Limit.PUBLISH_PER_SECOND, 20).start();
        Rest mallory = new Rest(hub, hub.token("mallory"));
        String lines = "{\"channel\":\"a\",\"data\":1}\n".repeat(50).stripTrailing();
        long start = System.nanoTime();
        JsonArray results =
                new JsonArray(
                        mallory.send("/api/v1/messages", "application/x-ndjson", lines).body());
        assertThat(results).hasSize(50).allMatch(it -> ((JsonObject) it).containsKey("id"));
        // 20 at once, and 30 at 20 a second: no sooner, however fast the machine is.
        assertThat(System.nanoTime() - start).isGreaterThan(1_400_000_000L);
    }

    @Test
    void aConnectionMayHaveALimitOfItsOwn() throws Exception {
        hub.limit(Limit.PUBLISH_PER_SECOND_PER_CONNECTION, 2).start();
        try (WsClient socket = new WsClient(hub, "/ws", hub.token("alice"))) {
            for (int i = 0; i < 20; i++) {
                socket.send("{\"type\":\"publish\",\"ref\":1,\"channel\":\"a\",\"data\":1}");
            }
            assertThat(socket.next("error").getString("message"))
                    .contains("limits.publishPerSecondPerConnection");
        }
    }

    @Test
    void boundsArraysAndPages() throws Exception {
        hub.limit(Limit.BATCH_ITEMS, 2).limit(Limit.HISTORY_PAGE, 10).start();
        Rest rest = new Rest(hub, hub.token("alice"));
        HttpResponse<String> batch =
                rest.send("/api/v1/messages", "application/json", "[{},{},{}]");
        assertThat(batch.statusCode()).isEqualTo(413);
        assertThat(batch.body()).contains("3 items", "limits.batchItems");
        HttpResponse<String> page = rest.get("/api/v1/channels/a/messages?limit=11");
        assertThat(page.statusCode()).isEqualTo(400);
        assertThat(page.body()).contains("limit: 11", "limits.historyPage");
    }

    @Test
    void anAbuserDoesNotHarmWhoKeepsWithin() throws Exception {
        hub.limit(Limit.PUBLISH_PER_SECOND, 50).limit(Limit.CONNECTIONS_PER_USER, 3).start();
        String mallory = hub.token("mallory");
        String bob = hub.token("bob");
        try (WsClient flood = new WsClient(hub, "/ws", mallory);
                SseReader sse = new SseReader(hub, "/sse?channel=b", bob);
                WsClient socket = new WsClient(hub, "/ws?channel=b", bob)) {
            sse.next();
            socket.next("ready");
            for (int i = 0; i < 2_000; i++) {
                flood.send("{\"type\":\"publish\",\"channel\":\"a\",\"data\":1}");
            }
            Rest rest = new Rest(hub, bob);
            for (int i = 0; i < 20; i++) {
                rest.publish("b", "" + i);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(sse.message().data()).isEqualTo("" + i);
                assertThat(socket.next("message").getInteger("data")).isEqualTo(i);
            }
        }
    }
}
