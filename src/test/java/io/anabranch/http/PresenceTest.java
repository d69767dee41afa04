package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who is on a channel, over both transports and REST. */
class PresenceTest {
    @RegisterExtension final TestHub hub = new TestHub().presence("chat:*");

    @Test
    void tellsTheOthersWhoComesAndWhoLeaves() throws Exception {
        try (var carol = new SseReader(hub, "/sse?channel=chat:*", hub.token("carol"))) {
            next(carol, "hub.ready");
            tellsCarolAndAlice(carol);
        }
    }

    private void tellsCarolAndAlice(SseReader carol) throws Exception {
        try (var alice = new WsClient(hub, "/ws?channel=chat:a", hub.token("alice"))) {
            String aliceSession = alice.next("ready").getString("session");
            JsonObject aliceJoins = new JsonObject(next(carol, "hub.join").data());
            assertThat(aliceJoins.getString("session")).isEqualTo(aliceSession);
            String session;
            try (var bob = new WsClient(hub, "/ws?channel=chat:a", hub.token("bob"))) {
                session = bob.next("ready").getString("session");
                assertIsAboutBob(alice.next(), "join", session);
                assertIsAboutBob(new JsonObject(next(carol, "hub.join").data()), "join", session);
            }
            assertIsAboutBob(alice.next(), "leave", session);
            assertIsAboutBob(new JsonObject(next(carol, "hub.leave").data()), "leave", session);
        }
    }

    private static void assertIsAboutBob(JsonObject frame, String type, String session) {
        assertThat(frame.getMap())
                .containsOnly(
                        java.util.Map.entry("type", type),
                        java.util.Map.entry("channel", "chat:a"),
                        java.util.Map.entry("user", "bob"),
                        java.util.Map.entry("session", session));
    }

    @Test
    void aClientThatChangesTransportStays() throws Exception {
        String token = hub.token("bob");
        String query = "?channel=chat:a&client=client-of-bob";
        try (var alice = new WsClient(hub, "/ws?channel=chat:a", hub.token("alice"))) {
            alice.next("ready");
            try (var up = new WsClient(hub, "/ws" + query, token)) {
                String session = up.next("ready").getString("session");
                assertThat(alice.next("join").getString("session")).isEqualTo(session);
                try (var down = new SseReader(hub, "/sse" + query, token)) {
                    next(down, "hub.ready");
                    up.close();
                    publish("chat:a");
                    assertThat(alice.next().getString("type")).isEqualTo("message");
                    assertThat(count("chat:a")).isEqualTo(2);
                }
                // Away for less than 10 s: neither a leave nor a join.
                try (var again = new WsClient(hub, "/ws" + query, token)) {
                    again.next("ready");
                    publish("chat:a");
                    assertThat(alice.next().getString("type")).isEqualTo("message");
                    again.send(
                            "{'type':'unsubscribe','ref':1,'channel':'chat:a'}".replace('\'', '"'));
                    assertThat(alice.next("leave").getString("session")).isEqualTo(session);
                }
            }
        }
    }

    @Test
    void answersASnapshotOverBothTransports() throws Exception {
        try (var alice = new WsClient(hub, "/ws?channel=chat:a", hub.token("alice"));
                var bob = new SseReader(hub, "/sse?channel=chat:a", hub.token("bob"))) {
            alice.next("ready");
            next(bob, "hub.ready");
            alice.send("{\"type\":\"presence\",\"ref\":7,\"channel\":\"chat:a\"}");
            JsonObject ok = alice.next("ok");
            assertThat(ok.getInteger("ref")).isEqualTo(7);
            assertThat(ok.getInteger("count")).isEqualTo(2);
            JsonObject rest = snapshot("chat:a");
            assertThat(rest.getJsonArray("users")).isEqualTo(ok.getJsonArray("users"));
            assertThat(rest.getJsonArray("users"))
                    .extracting(user -> ((JsonObject) user).getString("user"))
                    .containsExactly("alice", "bob");
            assertThat(rest.getJsonArray("users").getJsonObject(0).getLong("since")).isPositive();
            assertThat(count("chat:nobody")).isZero();
        }
    }

    @Test
    void readersOfAPatternAreInNoRoom() throws Exception {
        try (var carol = new SseReader(hub, "/sse?channel=chat:*", hub.token("carol"))) {
            next(carol, "hub.ready");
            assertThat(count("chat:a")).isZero();
        }
    }

    @Test
    void isForThoseWhoMaySeeIt() throws Exception {
        String blind =
                hub.token("eve", List.of("chat:*"), List.of("chat:*"), Duration.ofMinutes(1));
        try (var eve = new WsClient(hub, "/ws?channel=chat:a", blind);
                var bob = new WsClient(hub, "/ws?channel=chat:a", hub.token("bob"))) {
            eve.next("ready");
            bob.next("ready");
            eve.send("{\"type\":\"presence\",\"ref\":1,\"channel\":\"chat:a\"}");
            JsonObject error = eve.next();
            assertThat(error.getString("type")).isEqualTo("error");
            assertThat(error.getInteger("status")).isEqualTo(403);
            bob.send("{\"type\":\"unsubscribe\",\"ref\":2,\"channel\":\"chat:a\"}");
            bob.next("ok");
            publish("chat:a");
            assertThat(eve.next().getString("type")).isEqualTo("message");
            var rest = new Rest(hub, blind).get("/api/v1/channels/chat:a/presence");
            assertThat(rest.statusCode()).isEqualTo(403);
            assertThat(new Rest(hub, "").get("/api/v1/channels/chat:a/presence").statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void isNotKeptWhereTheRuleDoesNotSaySo() throws Exception {
        var answer = new Rest(hub, hub.token("bob")).get("/api/v1/channels/demo:a/presence");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("channels.*.presence");
    }

    @Test
    void anotherUserOnTheSameConnectionIsAnotherMember() throws Exception {
        TestHub open = new TestHub().presence("chat:*").anonymous(List.of("chat:*"), List.of());
        open.start();
        try (var alice = new WsClient(open, "/ws?channel=chat:a", open.token("alice"));
                var somebody = new WsClient(open, "/ws?channel=chat:a", "")) {
            alice.next("ready");
            somebody.next("ready");
            assertThat(alice.next("join").containsKey("user")).isFalse();
            JsonObject auth = new JsonObject().put("type", "auth").put("token", open.token("bob"));
            somebody.send(auth.encode());
            assertThat(List.of(text(alice.next()), text(alice.next())))
                    .containsExactly("leave null", "join bob");
        } finally {
            open.stop();
        }
    }

    private static String text(JsonObject frame) {
        return frame.getString("type") + " " + frame.getString("user");
    }

    private static SseReader.Block next(SseReader reader, String event) throws Exception {
        SseReader.Block block = reader.next();
        while (!block.event().equals(event)) {
            assertThat(block.event()).isNotEqualTo("end of stream");
            block = reader.next();
        }
        return block;
    }

    private void publish(String channel) throws Exception {
        new Rest(hub, hub.token("publisher")).publish(channel, "1");
    }

    private int count(String channel) throws Exception {
        return snapshot(channel).getInteger("count");
    }

    private JsonObject snapshot(String channel) throws Exception {
        var answer =
                new Rest(hub, hub.token("admin")).get("/api/v1/channels/" + channel + "/presence");
        assertThat(answer.statusCode()).isEqualTo(200);
        return new JsonObject(answer.body());
    }
}
