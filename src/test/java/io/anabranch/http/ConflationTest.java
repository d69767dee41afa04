package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever is left out in between, the newest value arrives. */
class ConflationTest {
    private static final int LAST = 400;

    @RegisterExtension final TestHub hub = new TestHub();

    @Test
    void aValueRightAfterATickArrivesOverWebSocket() throws Exception {
        try (var socket = new WsClient(hub, "/ws?channel=t:*&conflate=40", hub.token("bob"))) {
            socket.next("ready");
            for (int i = 0; i < 20; i++) {
                publish("t:A", i);
                assertThat(socket.next("message").getInteger("data")).isEqualTo(i);
            }
        }
    }

    @Test
    void aValueRightAfterATickArrivesOverSse() throws Exception {
        try (var stream = sse("channel=t:*&conflate=40")) {
            stream.next();
            for (int i = 0; i < 20; i++) {
                publish("t:A", i);
                assertThat(stream.message().data()).isEqualTo("" + i);
            }
        }
    }

    @Test
    void endsOnTheNewestWhenChangedWhileUpdatesRunOverWebSocket() throws Exception {
        try (var socket = new WsClient(hub, "/ws?channel=t:*", hub.token("bob"))) {
            socket.next("ready");
            CompletableFuture<Void> updates = runUpdates();
            int value = 0;
            int[] intervals = {50, 0, 200, 10, 1000, 20};
            for (int i = 0; value < LAST; i++) {
                JsonObject frame = new JsonObject().put("type", "subscribe").put("channel", "t:*");
                if (i < 60) {
                    socket.send(frame.put("conflate", intervals[i % intervals.length]).encode());
                }
                int next = socket.next("message").getInteger("data");
                assertThat(next).isGreaterThan(value);
                value = next;
            }
            updates.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void endsOnTheNewestWhenChangedWhileUpdatesRunOverSse() throws Exception {
        String cursor;
        try (var stream = sse("channel=t:*")) {
            cursor = stream.next().id();
        }
        CompletableFuture<Void> updates = runUpdates();
        int value = 0;
        int[] intervals = {50, 0, 100, 10, 20};
        for (int i = 0; value < LAST; i++) {
            String conflate = "&conflate=" + intervals[i % intervals.length];
            try (var stream = sse("channel=t:*&after=" + cursor + conflate)) {
                for (int n = 0; n < 5 && value < LAST; n++) {
                    SseReader.Block message = stream.message();
                    assertThat(Integer.parseInt(message.data())).isGreaterThan(value);
                    value = Integer.parseInt(message.data());
                    cursor = message.id();
                }
            }
        }
        updates.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aTickOfManySymbolsBringsTheNewestOfEach() throws Exception {
        String padding = "x".repeat(1_000);
        try (var stream = sse("channel=t:*&conflate=300&envelope=true");
                var socket = new WsClient(hub, "/ws?channel=t:*&conflate=300", hub.token("bob"))) {
            stream.next();
            socket.next("ready");
            for (int value = 1; value <= 5; value++) {
                JsonArray batch = new JsonArray();
                for (int symbol = 0; symbol < 200; symbol++) {
                    JsonObject data = new JsonObject().put("value", value).put("text", padding);
                    batch.add(new JsonObject().put("channel", "t:S" + symbol).put("data", data));
                }
                var response = rest().send("/api/v1/messages", "application/json", batch.encode());
                assertThat(response.statusCode()).isEqualTo(200);
            }
            Map<String, Integer> overSse = new HashMap<>();
            while (!isComplete(overSse)) {
                take(overSse, new JsonObject(stream.message().data()));
            }
            Map<String, Integer> overWebSocket = new HashMap<>();
            while (!isComplete(overWebSocket)) {
                take(overWebSocket, socket.next("message"));
            }
        }
    }

    private static boolean isComplete(Map<String, Integer> values) {
        return values.size() == 200 && values.values().stream().allMatch(value -> value == 5);
    }

    private static void take(Map<String, Integer> values, JsonObject message) {
        int value = message.getJsonObject("data").getInteger("value");
        Integer earlier = values.put(message.getString("channel"), value);
        assertThat(earlier == null || earlier < value).isTrue();
    }

    private CompletableFuture<Void> runUpdates() {
        return CompletableFuture.runAsync(
                () -> {
                    for (int i = 1; i <= LAST; i++) {
                        publish("t:A", i);
                    }
                });
    }

    private void publish(String channel, int value) {
        try {
            rest().publish(channel, String.valueOf(value));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Rest rest() {
        return new Rest(hub, hub.token("alice"));
    }

    private SseReader sse(String query) throws Exception {
        return new SseReader(hub, "/sse?" + query, hub.token("bob"));
    }
}
