package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WebSocketTest {
    @RegisterExtension final TestHub hub = new TestHub().retain("short:*", 3).heartbeat(800);

    @Test
    void beginsWithReadyAndEchoesTheSubprotocolWithoutTheToken() throws Exception {
        String id = rest().publish("chat:lobby", "1");
        try (var socket = open("")) {
            assertThat(socket.subprotocol()).isEqualTo("anabranch.v1");
            JsonObject ready = socket.next();
            assertThat(ready.getString("type")).isEqualTo("ready");
            assertThat(ready.getString("user")).isEqualTo("alice");
            assertThat(ready.getString("cursor")).isEqualTo(id);
            assertThat(ready.getInteger("heartbeat")).isEqualTo(800);
            assertThat(ready.getLong("expires")).isGreaterThan(System.currentTimeMillis());
            assertThat(ready.getString("session")).isNotEmpty();
        }
    }

    @Test
    void publishesAndReceives() throws Exception {
        try (var socket = open("?channel=chat:lobby")) {
            socket.next("ready");
            socket.send(
                    "{\"type\":\"publish\",\"ref\":\"a\",\"channel\":\"chat:lobby\","
                            + "\"event\":\"said\",\"data\":{\"text\":\"hi\"}}");
            JsonObject first = socket.next();
            JsonObject second = socket.next();
            boolean okFirst = first.getString("type").equals("ok");
            JsonObject ok = okFirst ? first : second;
            JsonObject message = okFirst ? second : first;
            assertThat(ok.getString("ref")).isEqualTo("a");
            assertThat(ok.getString("id")).isEqualTo(message.getString("id"));
            assertThat(message.getString("event")).isEqualTo("said");
            assertThat(message.getString("user")).isEqualTo("alice");
            assertThat(message.getJsonObject("data").getString("text")).isEqualTo("hi");
        }
    }

    @Test
    void subscribesWithTheReplayCountedThenInOrderThenLive() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            ids.add(rest().publish("chat:lobby", String.valueOf(i)));
        }
        try (var socket = open("")) {
            socket.next("ready");
            socket.send(
                    "{\"type\":\"subscribe\",\"ref\":1,\"channel\":\"chat:*\",\"after\":\""
                            + ids.get(9)
                            + "\"}");
            assertThat(socket.next())
                    .isEqualTo(
                            new JsonObject()
                                    .put("type", "ok")
                                    .put("ref", 1)
                                    .put("cursor", ids.get(599))
                                    .put("replayed", 590)
                                    .put("recovered", true));
            for (int i = 10; i < 600; i++) {
                assertThat(socket.next().getString("id")).isEqualTo(ids.get(i));
            }
            String live = rest().publish("chat:lobby", "0");
            JsonObject message = socket.next();
            assertThat(message.getString("id")).isEqualTo(live);
            assertThat(message.getString("prev")).isEqualTo(ids.get(599));
        }
    }

    @Test
    void saysAloudWhatRetentionTook() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ids.add(rest().publish("short:a", String.valueOf(i)));
        }
        try (var socket = open("")) {
            socket.next("ready");
            socket.send(
                    "{\"type\":\"subscribe\",\"ref\":1,\"channel\":\"short:a\",\"after\":\""
                            + ids.get(0)
                            + "\"}");
            JsonObject ok = socket.next();
            assertThat(ok.getBoolean("recovered")).isFalse();
            assertThat(ok.getInteger("replayed")).isEqualTo(3);
            JsonObject gap = socket.next();
            assertThat(gap.getString("type")).isEqualTo("gap");
            assertThat(gap.getString("reason")).isEqualTo("expired");
            assertThat(gap.getString("resumed")).isEqualTo(ids.get(2));
            JsonObject message = socket.next();
            assertThat(message.getString("id")).isEqualTo(ids.get(3));
            assertThat(message.getString("prev")).isEqualTo(ids.get(2));
        }
    }

    @Test
    void hasTheSameIdsAsTheEventStream() throws Exception {
        try (var socket = open("?channel=chat:*&channel=ticker:*");
                var stream =
                        new SseReader(
                                hub, "/sse?channel=chat:*&channel=ticker:*", hub.token("bob"))) {
            socket.next("ready");
            stream.next();
            for (int i = 0; i < 50; i++) {
                rest().publish(i % 3 == 0 ? "chat:a" : "ticker:b", String.valueOf(i));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(socket.next("message").getString("id")).isEqualTo(stream.message().id());
            }
        }
    }

    @Test
    void overlappingSubscriptionsDeliverOnce() throws Exception {
        try (var socket = open("?channel=chat:*&channel=chat:a")) {
            socket.next("ready");
            String first = rest().publish("chat:a", "1");
            String second = rest().publish("chat:a", "2");
            assertThat(socket.next().getString("id")).isEqualTo(first);
            assertThat(socket.next().getString("id")).isEqualTo(second);
        }
    }

    @Test
    void replaysWhatIsAskedForThoughAnotherSubscriptionHadIt() throws Exception {
        try (var socket = open("?channel=chat:*")) {
            socket.next("ready");
            String id = rest().publish("chat:a", "1");
            assertThat(socket.next().getString("id")).isEqualTo(id);
            socket.send("{\"type\":\"subscribe\",\"channel\":\"chat:a\",\"last\":1}");
            assertThat(socket.next().getInteger("replayed")).isEqualTo(1);
            assertThat(socket.next().getString("id")).isEqualTo(id);
        }
    }

    @Test
    void theChannelsOfTheQueryShareOneCursorAndOneOrder() throws Exception {
        String first = rest().publish("chat:a", "0");
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ids.add(rest().publish(i % 2 == 0 ? "ticker:b" : "chat:a", "1"));
        }
        try (var socket = open("?channel=chat:*&channel=ticker:*&after=" + first)) {
            socket.next("ready");
            for (String id : ids) {
                assertThat(socket.next().getString("id")).isEqualTo(id);
            }
            socket.send("{\"type\":\"unsubscribe\",\"ref\":1,\"channel\":\"ticker:*\"}");
            assertThat(socket.next().getString("type")).isEqualTo("ok");
            rest().publish("ticker:b", "2");
            String last = rest().publish("chat:a", "2");
            assertThat(socket.next().getString("id")).isEqualTo(last);
        }
    }

    @Test
    void changesConflationWithoutLosingTheNewest() throws Exception {
        try (var socket = open("?channel=ticker:*")) {
            socket.next("ready");
            socket.send("{\"type\":\"subscribe\",\"channel\":\"ticker:*\",\"conflate\":100}");
            socket.next("ok");
            for (int i = 0; i < 40; i++) {
                rest().publish("ticker:A", String.valueOf(i));
            }
            int received = 1;
            while (socket.next("message").getInteger("data") != 39) {
                received++;
            }
            assertThat(received).isLessThan(40);
        }
    }

    @Test
    void unsubscribes() throws Exception {
        try (var socket = open("?channel=chat:a")) {
            socket.next("ready");
            socket.send("{\"type\":\"unsubscribe\",\"ref\":2,\"channel\":\"chat:a\"}");
            assertThat(socket.next().getInteger("ref")).isEqualTo(2);
            rest().publish("chat:a", "1");
            socket.send("{\"type\":\"ping\",\"ref\":3}");
            assertThat(socket.next()).isEqualTo(new JsonObject().put("type", "ok").put("ref", 3));
        }
    }

    @Test
    void answersHistory() throws Exception {
        String first = rest().publish("chat:a", "1");
        String second = rest().publish("chat:a", "2");
        try (var socket = open("")) {
            socket.next("ready");
            socket.send(
                    "{\"type\":\"history\",\"ref\":5,\"channel\":\"chat:a\",\"after\":\""
                            + first
                            + "\",\"limit\":10}");
            JsonObject ok = socket.next();
            assertThat(ok.getJsonArray("messages")).hasSize(1);
            assertThat(ok.getJsonArray("messages").getJsonObject(0).getString("id"))
                    .isEqualTo(second);
            assertThat(ok.getBoolean("more")).isFalse();
            assertThat(ok.getString("cursor")).isEqualTo(second);
        }
    }

    @Test
    void answersWhatItCannotDoWithAnErrorAndStays() throws Exception {
        String token = hub.token("bob", List.of("chat:*"), List.of(), Duration.ofMinutes(1));
        try (var socket = new WsClient(hub, "/ws", token)) {
            socket.next("ready");
            assertError(socket, "no json", 400, "bad_request", "not JSON");
            assertError(socket, "[1]", 400, "bad_request", "not a JSON object");
            assertError(socket, "{}", 400, "bad_request", "type: missing");
            assertError(socket, "{\"type\":\"shout\"}", 400, "bad_request", "\"shout\"");
            assertError(socket, "{\"type\":\"subscribe\"}", 400, "bad_request", "channel: missing");
            assertError(
                    socket,
                    "{\"type\":\"subscribe\",\"channel\":\"ticker:A\"}",
                    403,
                    "forbidden",
                    "ticker:A");
            assertError(
                    socket,
                    "{\"type\":\"publish\",\"channel\":\"chat:a\",\"data\":1}",
                    403,
                    "forbidden",
                    "no publish permission for chat:a");
            assertError(
                    socket,
                    "{\"type\":\"history\",\"channel\":\"chat:a\",\"limit\":-1}",
                    400,
                    "bad_request",
                    "1 to 1000");
            assertError(
                    socket,
                    "{\"type\":\"presence\",\"channel\":\"chat:a\"}",
                    403,
                    "forbidden",
                    "no presence permission for chat:a");
            socket.send("{\"type\":\"ping\",\"ref\":\"still here\"}");
            assertThat(socket.next().getString("ref")).isEqualTo("still here");
        }
    }

    private static void assertError(
            WsClient socket, String frame, int status, String code, String says) throws Exception {
        socket.send(frame);
        JsonObject error = socket.next();
        assertThat(error.getString("type")).isEqualTo("error");
        assertThat(error.getInteger("status")).isEqualTo(status);
        assertThat(error.getString("code")).isEqualTo(code);
        assertThat(error.getString("message")).contains(says);
    }

    @Test
    void closesWithTheReasonAtTheDoor() throws Exception {
        assertClosed("/ws", "no.good.token", 4401);
        assertClosed("/ws?channel=chat:a", "", 4401);
        assertClosed("/ws?channel=a%20b", hub.token("alice"), 4400);
        String token = hub.token("bob", List.of("chat:*"), List.of(), Duration.ofMinutes(1));
        assertClosed("/ws?channel=ticker:A", token, 4403);
    }

    private void assertClosed(String path, String token, int code) throws Exception {
        try (var socket = new WsClient(hub, path, token)) {
            JsonObject close = socket.next();
            assertThat(close.getString("type")).isEqualTo("close");
            assertThat(close.getInteger("code")).isEqualTo(code);
            assertThat(socket.closeCode()).isEqualTo(code);
        }
    }

    @Test
    void closesWhatIsTooLargeWith1009() throws Exception {
        try (var socket = open("")) {
            socket.next("ready");
            socket.send("{\"type\":\"ping\",\"pad\":\"" + "x".repeat(100_000) + "\"}");
            assertThat(socket.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    void endsWithItsTokenUnlessAuthBringsANewerOne() throws Exception {
        String token = hub.token("bob", List.of("chat:*"), List.of(), Duration.ofSeconds(2));
        try (var ending = new WsClient(hub, "/ws?channel=chat:a", token);
                var renewed = new WsClient(hub, "/ws?channel=chat:a", token)) {
            ending.next("ready");
            renewed.next("ready");
            renewed.send("{\"type\":\"auth\",\"ref\":8,\"token\":\"" + hub.token("carol") + "\"}");
            assertThat(renewed.next().getInteger("status")).isEqualTo(403);
            renewed.send("{\"type\":\"auth\",\"ref\":9,\"token\":\"" + hub.token("bob") + "\"}");
            JsonObject ok = renewed.next();
            assertThat(ok.getString("user")).isEqualTo("bob");
            assertThat(ok.getLong("expires")).isGreaterThan(System.currentTimeMillis() + 60_000);
            assertThat(ending.next("close").getInteger("code")).isEqualTo(4401);
            assertThat(ending.closeCode()).isEqualTo(4401);
            renewed.send("{\"type\":\"ping\",\"ref\":1}");
            assertThat(renewed.next().getInteger("ref")).isEqualTo(1);
        }
    }

    @Test
    void staysWhileTheClientAnswersPings() throws Exception {
        try (var socket = open("?channel=chat:a")) {
            socket.next("ready");
            long until = System.nanoTime() + Duration.ofSeconds(4).toNanos();
            try (var other = open("?channel=chat:a")) {
                other.next("ready");
                while (System.nanoTime() < until) {
                    rest().publish("chat:a", "1");
                    assertThat(socket.next().getString("type")).isEqualTo("message");
                }
            }
        }
    }

    private Rest rest() {
        return new Rest(hub, hub.token("alice"));
    }

    private WsClient open(String query) throws Exception {
        return new WsClient(hub, "/ws" + query, hub.token("alice"));
    }
}
