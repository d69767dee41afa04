package io.anabranch.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.config.Config;
import io.anabranch.testing.KeptConnection;
import io.anabranch.testing.Raw;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The frames of the Vert.x event bus bridge, over its raw WebSocket, and the ends of others. */
class EventBusBridgeTest {
    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .retain("short:*", 1)
                    .protocols(new Config.Protocols(null, new BridgeOptions("/eventbus")));

    private RawClient connect() throws Exception {
        return new RawClient(hub, hub.token("alice"));
    }

    @Test
    void aMessageComesWithWhatTheLogKnowsOfIt() throws Exception {
        Rest rest = new Rest(hub, hub.token("bob"));
        try (RawClient client = connect()) {
            client.send("{'type':'register','address':'chat:lobby'}");
            client.send("{'type':'ping'}");
            assertThat(client.next().getString("type")).isEqualTo("pong");
            String first = rest.publish("chat:lobby", "{\"n\":1.50}");
            String second = rest.publish("chat:lobby", "\"two\"");
            JsonObject message = client.next();
            assertThat(message.getString("type")).isEqualTo("rec");
            assertThat(message.getString("address")).isEqualTo("chat:lobby");
            assertThat(message.getJsonObject("body").encode()).isEqualTo("{\"n\":1.5}");
            assertThat(message.getJsonObject("headers").getString("id")).isEqualTo(first);
            assertThat(message.getJsonObject("headers").getString("user")).isEqualTo("bob");
            message = client.next();
            assertThat(message.getString("body")).isEqualTo("two");
            assertThat(message.getJsonObject("headers").getString("id")).isEqualTo(second);
            assertThat(message.getJsonObject("headers").getString("prev")).isEqualTo(first);
        }
    }

    @Test
    void anAnswerThatEndsItsConnectionSaysSo() throws Exception {
        assertThat(post("/eventbus/1/polls/xhr").header("connection")).containsExactly("close");
        assertThat(post("/eventbus/1/streams/xhr_streaming").header("connection"))
                .containsExactly("close");
        assertThat(post("/eventbus/1/polls/xhr_send").header("connection")).isEmpty();
    }

    private Raw.Answer post(String path) throws Exception {
        try (KeptConnection connection = new KeptConnection(hub)) {
            connection.send("POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
            return connection.answer();
        }
    }

    @Test
    void whoComesBackGoesOnAfterTheLastId() throws Exception {
        Rest rest = new Rest(hub, hub.token("bob"));
        String first = rest.publish("chat:lobby", "1");
        rest.publish("chat:lobby", "2");
        String lost = rest.publish("short:a", "1");
        rest.publish("short:a", "2");
        rest.publish("short:a", "3");
        String register = "{'type':'register','address':'%s','headers':{'after':'%s'}}";
        try (RawClient client = connect()) {
            client.send(String.format(register, "chat:lobby", first));
            assertThat(client.next().getInteger("body")).isEqualTo(2);
            client.send(String.format(register, "short:a", lost));
            JsonObject gap = client.next();
            assertThat(gap.getString("type")).isEqualTo("err");
            assertThat(gap.getString("address")).isEqualTo("short:a");
            assertThat(gap.getInteger("failureCode")).isEqualTo(410);
            assertThat(client.next().getInteger("body")).isEqualTo(3);
        }
    }

    @Test
    void whoHasUnregisteredHearsNoMore() throws Exception {
        Rest rest = new Rest(hub, hub.token("bob"));
        try (RawClient client = connect()) {
            client.send("{'type':'register','address':'a'}")
                    .send("{'type':'register','address':'b'}")
                    .send("{'type':'unregister','address':'a'}")
                    .send("{'type':'ping'}");
            assertThat(client.next().getString("type")).isEqualTo("pong");
            rest.publish("a", "1");
            rest.publish("b", "2");
            assertThat(client.next().getString("address")).isEqualTo("b");
        }
    }

    @Test
    void permissionsAreThoseOfTheToken() throws Exception {
        String some = hub.token("carl", List.of("chat:*"), List.of(), Duration.ofMinutes(1));
        try (RawClient client = new RawClient(hub, "")) {
            client.send("{'type':'register','address':'chat:lobby'}");
            JsonObject refused = client.next();
            assertThat(refused.getString("type")).isEqualTo("err");
            assertThat(refused.getInteger("failureCode")).isEqualTo(401);
            assertThat(refused.getString("address")).isEqualTo("chat:lobby");
            client.send(
                    "{'type':'register','address':'chat:lobby','headers':{'Authorization':'Bearer "
                            + some
                            + "'}}");
            client.send("{'type':'publish','address':'chat:lobby','body':1}");
            refused = client.next();
            assertThat(refused.getInteger("failureCode")).isEqualTo(403);
            new Rest(hub, hub.token("bob")).publish("chat:lobby", "2");
            assertThat(client.next().getInteger("body")).isEqualTo(2);
        }
    }

    @Test
    void aTokenThatIsNoGoodIsRefused() throws Exception {
        try (RawClient client = new RawClient(hub, "nonsense")) {
            assertThat(client.next().getInteger("failureCode")).isEqualTo(401);
            assertThat(client.next().getString("closed")).isEqualTo("unauthorized");
        }
        try (RawClient client = connect()) {
            client.send("{'type':'ping','headers':{'Authorization':'Bearer nonsense'}}");
            assertThat(client.next().getInteger("failureCode")).isEqualTo(401);
            String other = hub.token("bob");
            client.send("{'type':'ping','headers':{'Authorization':'Bearer " + other + "'}}");
            assertThat(client.next().getInteger("failureCode")).isEqualTo(403);
        }
    }

    @Test
    void theConnectionEndsWithItsToken() throws Exception {
        String token = hub.token("carl", List.of("*"), List.of(), Duration.ofSeconds(2));
        try (RawClient client = new RawClient(hub, token)) {
            assertThat(client.next().getString("closed")).isEqualTo("token expired");
        }
    }

    @Test
    void whatIsOutOfTheGrammarIsToldSo() throws Exception {
        try (RawClient client = connect()) {
            for (String frame :
                    List.of(
                            "nonsense",
                            "[]",
                            "{'type':'dance'}",
                            "{'type':'register'}",
                            "{'type':'register','address':'chat:*'}",
                            "{'type':'register','address':'a','headers':{'after':'x'}}",
                            "{'type':'register','address':'a','headers':[]}",
                            "{'type':'unregister','address':'never'}",
                            "{'type':'publish','address':'service.x','body':1}")) {
                JsonObject refused = client.send(frame).next();
                assertThat(refused.getString("type")).as(frame).isEqualTo("err");
                assertThat(refused.getInteger("failureCode")).as(frame).isEqualTo(400);
            }
            assertThat(client.send("{'type':'ping'}").next().getString("type")).isEqualTo("pong");
        }
    }

    @Test
    void adminsSeeAndEndItAsAnyOther() throws Exception {
        try (RawClient client = connect()) {
            client.send("{'type':'register','address':'chat:lobby'}").send("{'type':'ping'}");
            assertThat(client.next().getString("type")).isEqualTo("pong");
            Rest admin = new Rest(hub, hub.adminToken());
            JsonObject sessions = new JsonObject(admin.get("/api/v1/sessions").body());
            assertThat(sessions.getJsonArray("sessions")).hasSize(1);
            assertThat(sessions.encode()).contains("chat:lobby").contains("alice");
            assertThat(admin.delete("/api/v1/users/alice/sessions").statusCode()).isEqualTo(204);
            assertThat(client.next().getString("closed"))
                    .isEqualTo("disconnected by an administrator");
        }
    }
}
