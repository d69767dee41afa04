package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.Grants;
import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.HubProcess;
import io.anabranch.testing.NatsServer;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What hubs share beside the log: presence, revocations, tickets, connections and services. */
class SharedStateTest {
    private static final String ROOM = "/ws?channel=chat:a";
    private static final ConditionFactory SOON = Awaitility.await().atMost(10, TimeUnit.SECONDS);

    @TempDir(factory = FastDirectory.class)
    private static Path directory;

    private static NatsServer server;
    private static int streams;

    private final List<TestHub> hubs = new ArrayList<>();
    private String stream;

    @BeforeAll
    static void startServer() throws Exception {
        server = NatsServer.start(directory);
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void startHubs() throws Exception {
        stream = "hubs-" + ++streams;
        start(hub());
        start(hub().verticles(ServicesTest.Desk.class.getName()));
    }

    private TestHub hub() {
        return new TestHub()
                .nats(server.url(), stream)
                .presence("chat:*")
                .serviceTimeout(1_500)
                .drain(0);
    }

    private TestHub start(TestHub hub) throws Exception {
        hub.start();
        hubs.add(hub);
        return hub;
    }

    @AfterEach
    void stopHubs() throws Exception {
        for (TestHub hub : hubs) {
            hub.stop();
        }
    }

    @Test
    void whoIsOnAChannelIsToldAtEveryHub() throws Exception {
        try (var alice = join(0, "alice", "")) {
            session(alice);
            String session;
            try (var bob = join(1, "bob", "")) {
                session = session(bob);
                assertIs(alice.next(), "join", "bob", session);
                SOON.until(() -> members(1).size() == 2);
                assertThat(members(0)).containsExactlyInAnyOrderElementsOf(members(1));
                assertThat(users(0)).containsExactlyInAnyOrder("alice", "bob");
            }
            assertIs(alice.next(), "leave", "bob", session);
            SOON.until(() -> users(1).equals(List.of("alice")));
        }
    }

    @Test
    void hubThatStartsLaterKnowsWhoIsThere() throws Exception {
        try (var alice = join(0, "alice", "");
                var bob = join(1, "bob", "")) {
            session(bob);
            session(alice);
            TestHub third = start(hub());
            assertThat(users(2)).containsExactlyInAnyOrder("alice", "bob");
            third.stop();
            alice.next("join");
            assertStays(alice);
        }
    }

    @Test
    void memberThatChangesHubsStaysAndLeavesOnce() throws Exception {
        try (var alice = join(0, "alice", "")) {
            session(alice);
            String session;
            try (var first = join(1, "bob", "&client=client-of-bob")) {
                session = session(first);
                assertIs(alice.next(), "join", "bob", session);
            }
            try (var second = join(0, "bob", "&client=client-of-bob")) {
                session(second);
                assertStays(alice);
                second.send("{\"type\":\"unsubscribe\",\"ref\":1,\"channel\":\"chat:a\"}");
                assertIs(alice.next(), "leave", "bob", session);
                assertStays(alice);
            }
        }
    }

    @Test
    void membersOfAHubThatIsKilledLeaveOnceUnlessTheyReturn(@TempDir Path own) throws Exception {
        try (var killed = new HubProcess(own, List.of()).nats(server.url(), stream);
                var alice = join(0, "alice", "")) {
            killed.start();
            String token = hubs.get(0).token("bob");
            try (var bob = new WsClient(killed.uri(ROOM), token);
                    var carol =
                            new WsClient(
                                    killed.uri(ROOM + "&client=client-of-carol"),
                                    hubs.get(0).token("carol"))) {
                session(bob);
                alice.next("join");
                session(carol);
                alice.next("join");
                killed.kill();
                try (var back = join(1, "carol", "&client=client-of-carol")) {
                    session(back);
                    assertThat(alice.next().getString("user")).isEqualTo("bob");
                    assertStays(alice);
                    SOON.until(() -> users(1).size() == 2);
                    assertThat(users(1)).containsExactlyInAnyOrder("alice", "carol");
                }
            }
        }
    }

    @Test
    void revocationCountsAtEveryHubAndForThoseThatStartLater() throws Exception {
        String token = hubs.get(0).token("alice");
        try (var socket = new WsClient(hubs.get(1), "/ws", token)) {
            socket.next("ready");
            JsonObject answer =
                    new JsonObject(
                            admin(0).send(
                                            "/api/v1/revocations",
                                            "application/json",
                                            "{\"sub\":\"alice\"}")
                                    .body());
            assertThat(answer.getString("id")).isEqualTo("sub:alice");
            assertThat(socket.closeCode()).isEqualTo(4401);
            assertThat(status(1, token)).isEqualTo(401);
            start(hub());
            assertThat(status(2, token)).isEqualTo(401);

            assertThat(admin(1).delete("/api/v1/revocations/sub:alice").statusCode())
                    .isEqualTo(204);
            SOON.until(() -> status(0, token) == 200 && status(2, token) == 200);
        }
    }

    @Test
    void revocationsAtTwoHubsAtOnceAddUp() throws Exception {
        long now = System.currentTimeMillis();
        for (int i = 0; i < 10; i++) {
            CompletableFuture<?> one = revoke(0, "u" + i, now + 1_000);
            CompletableFuture<?> other = revoke(1, "u" + i, now + 2_000);
            CompletableFuture.allOf(one, other).get(10, TimeUnit.SECONDS);
        }
        start(hub());
        for (int hub = 0; hub < 3; hub++) {
            int at = hub;
            SOON.until(
                    () ->
                            revocations(at).stream()
                                            .map(it -> ((JsonObject) it).getLong("issuedBefore"))
                                            .filter(it -> it == now + 2_000)
                                            .count()
                                    == 10);
        }
    }

    private CompletableFuture<?> revoke(int hub, String user, long issuedBefore) {
        JsonObject body = new JsonObject().put("sub", user).put("issuedBefore", issuedBefore);
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        var answer =
                                admin(hub)
                                        .send(
                                                "/api/v1/revocations",
                                                "application/json",
                                                body.encode());
                        assertThat(answer.statusCode()).isEqualTo(201);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private JsonArray revocations(int hub) throws Exception {
        return new JsonObject(admin(hub).get("/api/v1/revocations").body())
                .getJsonArray("revocations");
    }

    @Test
    void ticketIsGoodAtEveryHubOnce() throws Exception {
        Grants grants = new Grants(List.of("a{sub}"), List.of(), List.of(), List.of(), false);
        String token = hubs.get(0).token("lice", grants, Duration.ofMinutes(1));
        for (int hub = 0; hub < 2; hub++) {
            String ticket =
                    new JsonObject(
                                    new Rest(hubs.get(0), token)
                                            .send("/api/v1/tickets", "", "")
                                            .body())
                            .getString("ticket");
            String query = "/sse?channel=alice&ticket=" + ticket;
            try (var good = new SseReader(hubs.get(hub), query, "")) {
                assertThat(good.status()).isEqualTo(200);
            }
            for (TestHub each : hubs) {
                try (var used = new SseReader(each, query, "")) {
                    assertThat(used.status()).isEqualTo(401);
                }
            }
        }
    }

    @Test
    void ticketShownToTwoHubsAtOnceIsGoodAtOne() throws Exception {
        for (int i = 0; i < 10; i++) {
            HttpResponse<String> made =
                    new Rest(hubs.get(0), hubs.get(0).token("alice"))
                            .send("/api/v1/tickets", "", "");
            String query =
                    "/sse?channel=a&ticket=" + new JsonObject(made.body()).getString("ticket");
            List<CompletableFuture<Integer>> tries =
                    hubs.stream()
                            .map(hub -> CompletableFuture.supplyAsync(() -> get(hub, query)))
                            .toList();
            assertThat(tries.stream().map(CompletableFuture::join).toList())
                    .containsExactlyInAnyOrder(200, 401);
        }
    }

    private static int get(TestHub hub, String query) {
        try (var stream = new SseReader(hub, query, "")) {
            return stream.status();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void connectionsOfAllHubsAreListedAndEnded() throws Exception {
        try (var first = join(0, "alice", "");
                var second = join(1, "alice", "");
                var third = join(1, "bob", "")) {
            List<String> ids = List.of(session(first), session(second), session(third));
            for (int hub = 0; hub < 2; hub++) {
                JsonObject all = sessions(hub, "");
                assertThat(all.getInteger("count")).isEqualTo(3);
                assertThat(ids(all)).containsExactlyElementsOf(ids);
                JsonObject page = sessions(hub, "?limit=2");
                assertThat(page.getBoolean("more")).isTrue();
                JsonObject rest = sessions(hub, "?limit=2&after=" + page.getLong("cursor"));
                assertThat(Stream.concat(ids(page).stream(), ids(rest).stream()))
                        .containsExactlyElementsOf(ids);
                assertThat(ids(sessions(hub, "?user=bob"))).containsExactly(ids.get(2));
                assertThat(subscribers(hub)).isEqualTo(3);
            }
            assertThat(admin(0).delete("/api/v1/sessions/" + ids.get(2)).statusCode())
                    .isEqualTo(204);
            assertThat(third.closeCode()).isEqualTo(4403);
            assertThat(admin(0).delete("/api/v1/users/alice/sessions").statusCode()).isEqualTo(204);
            assertThat(first.closeCode()).isEqualTo(4403);
            assertThat(second.closeCode()).isEqualTo(4403);
            assertThat(admin(0).delete("/api/v1/users/alice/sessions").statusCode()).isEqualTo(404);
        }
    }

    private int subscribers(int hub) throws Exception {
        new Rest(hubs.get(hub), hubs.get(hub).token("alice")).publish("chat:a", "1");
        return new JsonObject(admin(hub).get("/api/v1/channels").body())
                .getJsonArray("channels")
                .getJsonObject(0)
                .getInteger("subscribers");
    }

    private JsonObject sessions(int hub, String query) throws Exception {
        return new JsonObject(admin(hub).get("/api/v1/sessions" + query).body());
    }

    private static List<String> ids(JsonObject list) {
        return list.getJsonArray("sessions").stream()
                .map(it -> ((JsonObject) it).getString("id"))
                .toList();
    }

    @Test
    void callReachesAServiceOfAnotherHub() throws Exception {
        Rest rest = new Rest(hubs.get(0), caller());
        assertThat(call(rest, "desk.asked", "{\"book\":3}").body())
                .isEqualTo("{\"data\":{\"data\":{\"book\":3},\"user\":\"alice\"}}");
        HttpResponse<String> refused =
                call(rest, "desk.fail", "{\"code\":409,\"message\":\"lent\"}");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("lent");
        assertThat(call(rest, "desk.nobody", "1").statusCode()).isEqualTo(404);
        HttpResponse<String> silent = call(rest, "desk.silent", "1");
        assertThat(silent.statusCode()).isEqualTo(503);
        assertThat(silent.body()).contains("services.timeout");

        try (var socket = new WsClient(hubs.get(0), "/ws", caller())) {
            String session = socket.next("ready").getString("session");
            socket.send(
                    "{\"type\":\"call\",\"ref\":7,\"service\":\"desk.asked\",\"data\":[1.5,null]}");
            JsonObject answer = socket.next("ok").getJsonObject("data");
            assertThat(answer.getString("session")).isEqualTo(session);
            assertThat(answer.getJsonArray("data").getList()).containsExactly(1.5, null);
        }
    }

    private String caller() {
        Grants grants = new Grants(List.of(), List.of(), List.of(), List.of("desk.*"), false);
        return hubs.get(0).token("alice", grants, Duration.ofMinutes(1));
    }

    private static HttpResponse<String> call(Rest rest, String service, String data)
            throws Exception {
        return rest.send("/api/v1/services/" + service, "application/json", data);
    }

    private WsClient join(int hub, String user, String query) throws Exception {
        return new WsClient(hubs.get(hub), ROOM + query, hubs.get(hub).token(user));
    }

    private static String session(WsClient client) throws Exception {
        return client.next("ready").getString("session");
    }

    private static void assertIs(JsonObject frame, String type, String user, String session) {
        assertThat(frame.getMap())
                .isEqualTo(
                        new JsonObject()
                                .put("type", type)
                                .put("channel", "chat:a")
                                .put("user", user)
                                .put("session", session)
                                .getMap());
    }

    /** Nothing was told before what is published now. */
    private void assertStays(WsClient alice) throws Exception {
        String id = new Rest(hubs.get(0), hubs.get(0).token("alice")).publish("chat:a", "1");
        JsonObject next = alice.next();
        assertThat(next.getString("id")).as("%s", next).isEqualTo(id);
    }

    private List<String> users(int hub) throws Exception {
        return members(hub).stream().map(it -> ((JsonObject) it).getString("user")).toList();
    }

    private JsonArray members(int hub) throws Exception {
        Rest rest = new Rest(hubs.get(hub), hubs.get(hub).token("alice"));
        return new JsonObject(rest.get("/api/v1/channels/chat:a/presence").body())
                .getJsonArray("users");
    }

    private int status(int hub, String token) throws Exception {
        return new Rest(hubs.get(hub), token).get("/api/v1/channels/chat:a/messages").statusCode();
    }

    private Rest admin(int hub) {
        return new Rest(hubs.get(hub), hubs.get(hub).adminToken());
    }
}
