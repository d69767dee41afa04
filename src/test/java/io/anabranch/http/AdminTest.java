package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.RawReaders;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.SseReader.Block;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Those who run the hub look at connections and end them. */
class AdminTest {
    @RegisterExtension final TestHub hub = new TestHub().anonymous(List.of("demo:*"), List.of());

    private Rest admin;

    @BeforeEach
    void connectAdmin() {
        admin = new Rest(hub, hub.adminToken());
    }

    @Test
    void showsWhoIsConnectedOverEitherTransport() throws Exception {
        long before = System.currentTimeMillis();
        try (var socket =
                        new WsClient(
                                hub,
                                "/ws?channel=chat:a&client=client-of-alice",
                                hub.token("alice"));
                var stream = new SseReader(hub, "/sse?channel=demo:*&channel=demo:b", "")) {
            JsonObject ready = socket.next("ready");
            stream.next();
            socket.send("{\"type\":\"subscribe\",\"ref\":1,\"channel\":\"chat:b\"}").next("ok");

            JsonObject list = sessions("");

            assertThat(list.getInteger("count")).isEqualTo(2);
            assertThat(list.getBoolean("more")).isFalse();
            JsonObject alice = list.getJsonArray("sessions").getJsonObject(0);
            assertThat(alice.getString("id")).isEqualTo(ready.getString("session"));
            assertThat(alice.getString("user")).isEqualTo("alice");
            assertThat(alice.getString("client")).isEqualTo("client-of-alice");
            assertThat(alice.getString("transport")).isEqualTo("websocket");
            assertThat(alice.getString("address")).isEqualTo("127.0.0.1");
            assertThat(alice.getJsonArray("channels")).containsExactly("chat:a", "chat:b");
            assertThat(alice.getLong("since")).isBetween(before, System.currentTimeMillis());
            assertThat(alice.getLong("expires")).isEqualTo(ready.getLong("expires"));
            assertThat(alice.getString("jti")).isNotEmpty();
            assertThat(alice.getString("cursor")).startsWith(epoch(ready));
            assertThat(alice.getBoolean("behind")).isFalse();
            JsonObject visitor = list.getJsonArray("sessions").getJsonObject(1);
            assertThat(visitor.fieldNames()).doesNotContain("user", "jti", "client", "expires");
            assertThat(visitor.getString("transport")).isEqualTo("sse");
            assertThat(visitor.getJsonArray("channels")).containsExactly("demo:*", "demo:b");
        }
        Awaitility.await().until(() -> sessions("").getInteger("count") == 0);
    }

    private static String epoch(JsonObject ready) {
        String cursor = ready.getString("cursor");
        return cursor.substring(0, cursor.indexOf('-') + 1);
    }

    @Test
    void listsInPagesAndByUser() throws Exception {
        List<WsClient> sockets = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            WsClient socket = new WsClient(hub, "/ws", hub.token(i % 2 == 0 ? "even" : "odd"));
            ids.add(socket.next("ready").getString("session"));
            sockets.add(socket);
        }
        assertThat(pages("limit=3")).containsExactlyElementsOf(ids);
        assertThat(pages("limit=2&user=odd")).containsExactly(ids.get(1), ids.get(3), ids.get(5));
        assertThat(sessions("user=odd&limit=1").getInteger("count")).isEqualTo(3);
        assertThat(sessions("user=nobody").getJsonArray("sessions")).isEmpty();
        sockets.forEach(WsClient::close);
    }

    private List<String> pages(String query) throws Exception {
        List<String> ids = new ArrayList<>();
        JsonObject page = sessions(query);
        ids.addAll(ids(page));
        while (page.getBoolean("more")) {
            page = sessions(query + "&after=" + page.getLong("cursor"));
            ids.addAll(ids(page));
        }
        return ids;
    }

    private static List<String> ids(JsonObject page) {
        JsonArray sessions = page.getJsonArray("sessions");
        return sessions.stream().map(session -> ((JsonObject) session).getString("id")).toList();
    }

    private JsonObject sessions(String query) throws Exception {
        HttpResponse<String> response = admin.get("/api/v1/sessions?" + query);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    @Test
    void showsWhoDoesNotKeepUp() throws Exception {
        try (var slow = new RawReaders()) {
            slow.open(hub.port(), hub.token("slow"), "sse", "chat:a", 0);
            Rest publisher = new Rest(hub, hub.token("bob"));
            String large = "\"" + "x".repeat(60_000) + "\"";
            Awaitility.await()
                    .until(
                            () -> {
                                publisher.publish("chat:a", large);
                                return sessions("user=slow")
                                        .getJsonArray("sessions")
                                        .getJsonObject(0)
                                        .getBoolean("behind");
                            });
        }
    }

    @Test
    void showsTheChannelsAndWhoReadsThem() throws Exception {
        Rest publisher = new Rest(hub, hub.token("bob"));
        publisher.publish("chat:a", "1");
        String newest = publisher.publish("chat:a", "2");
        publisher.publish("chat:b", "1");
        publisher.publish("game:a", "1");
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", hub.token("alice"));
                var stream = new SseReader(hub, "/sse?channel=chat:*", hub.token("bob"));
                var all = new SseReader(hub, "/sse?channel=*&channel=chat:b", hub.token("bob"))) {
            socket.next("ready");
            stream.next();
            all.next();

            JsonObject page = channels("prefix=chat:");

            assertThat(page.getBoolean("more")).isFalse();
            assertThat(page.getString("cursor")).isEqualTo("chat:b");
            assertThat(page.getJsonArray("channels").getJsonObject(0))
                    .isEqualTo(
                            new JsonObject()
                                    .put("channel", "chat:a")
                                    .put("head", newest)
                                    .put("messages", 2)
                                    .put("subscribers", 3));
            assertThat(page.getJsonArray("channels").getJsonObject(1).getInteger("subscribers"))
                    .isEqualTo(3);
        }
        JsonObject first = channels("limit=2");
        assertThat(first.getBoolean("more")).isTrue();
        JsonArray rest = channels("after=" + first.getString("cursor")).getJsonArray("channels");
        assertThat(rest).hasSize(1);
        assertThat(rest.getJsonObject(0).getString("channel")).isEqualTo("game:a");
    }

    private JsonObject channels(String query) throws Exception {
        HttpResponse<String> response = admin.get("/api/v1/channels?" + query);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    @Test
    void endsOneConnectionAndNotItsNeighbours() throws Exception {
        String token = hub.token("alice");
        try (var ending = new WsClient(hub, "/ws?channel=chat:a", token);
                var staying = new WsClient(hub, "/ws?channel=chat:a", token)) {
            String id = ending.next("ready").getString("session");
            staying.next("ready");

            assertThat(admin.delete("/api/v1/sessions/" + id).statusCode()).isEqualTo(204);

            JsonObject close = ending.next("close");
            assertThat(close.getInteger("code")).isEqualTo(4403);
            assertThat(close.getString("reason")).isEqualTo("disconnected by an administrator");
            assertThat(ending.closeCode()).isEqualTo(4403);
            String published = new Rest(hub, token).publish("chat:a", "1");
            assertThat(staying.next().getString("id")).isEqualTo(published);
            assertRefused(admin.delete("/api/v1/sessions/" + id), 404, "session: \"" + id + "\"");
        }
    }

    @Test
    void endsAllConnectionsOfAUserWhateverTheirName() throws Exception {
        String name = "a b/c+d:é";
        String encoded = "a%20b%2Fc+d:%C3%A9";
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", hub.token(name));
                var stream = new SseReader(hub, "/sse?channel=chat:a", hub.token(name));
                var staying = new WsClient(hub, "/ws?channel=chat:a", hub.token("bob"))) {
            socket.next("ready");
            stream.next();
            staying.next("ready");
            String path = "/api/v1/users/" + encoded + "/sessions";

            assertThat(admin.delete(path).statusCode()).isEqualTo(204);

            assertThat(socket.closeCode()).isEqualTo(4403);
            Block close = stream.message();
            assertThat(close.event()).isEqualTo("hub.close");
            assertThat(new JsonObject(close.data()).getInteger("code")).isEqualTo(4403);
            assertRefused(admin.delete(path), 404, "user: \"" + name + "\"");
            assertThat(sessions("user=bob").getInteger("count")).isEqualTo(1);
        }
        try (var back = new WsClient(hub, "/ws", hub.token(name))) {
            assertThat(back.next("ready").getString("user")).as("nobody is banned").isEqualTo(name);
        }
    }

    @Test
    void refusesWhoIsNoAdmin() throws Exception {
        Rest visitor = new Rest(hub, "");
        Rest alice = new Rest(hub, hub.token("alice"));
        for (String path : List.of("/api/v1/channels", "/api/v1/sessions", "/api/v1/revocations")) {
            assertRefused(visitor.get(path), 401, "no admin permission for this route");
            assertRefused(alice.get(path), 403, "no admin permission for this route");
        }
        for (String path :
                List.of(
                        "/api/v1/sessions/1",
                        "/api/v1/users/alice/sessions",
                        "/api/v1/revocations/sub:alice")) {
            assertRefused(visitor.delete(path), 401, "no admin permission for this route");
            assertRefused(alice.delete(path), 403, "no admin permission for this route");
        }
        for (String body : List.of("{\"sub\":\"bob\"}", "nonsense")) {
            String path = "/api/v1/revocations";
            assertRefused(visitor.send(path, "application/json", body), 401, "no admin");
            assertRefused(alice.send(path, "application/json", body), 403, "no admin");
        }
        try (var bob = new WsClient(hub, "/ws", hub.token("bob"))) {
            assertThat(bob.next("ready").getString("user")).isEqualTo("bob");
        }
    }

    @Test
    void saysWhatIsWrongWithAQuery() throws Exception {
        assertRefused(
                admin.get("/api/v1/sessions?limit=0"), 400, "limit: \"0\" (expected: a whole");
        assertRefused(admin.get("/api/v1/sessions?limit=1001"), 400, "limit: \"1001\"");
        assertRefused(admin.get("/api/v1/sessions?after=x"), 400, "after: \"x\"");
        assertRefused(admin.get("/api/v1/revocations?limit=x"), 400, "limit: \"x\"");
    }

    @Test
    void anAdminsTokenEndsItsOwnConnectionsToo() throws Exception {
        try (var own = new WsClient(hub, "/ws", hub.adminToken())) {
            own.next("ready");
            assertThat(admin.delete("/api/v1/users/admin/sessions").statusCode()).isEqualTo(204);
            assertThat(own.closeCode()).isEqualTo(4403);
        }
    }

    private static void assertRefused(HttpResponse<String> response, int status, String message) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(new JsonObject(response.body()).getString("message")).contains(message);
    }
}
