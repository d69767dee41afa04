package io.anabranch.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.Anabranch;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.WsClient;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A foreign application of two server instances, with the clients of a hub. */
class ShopTest {
    /** One that all instances share (Vert.x). */
    private static final int ANY_PORT = -1;

    private final Vertx vertx = Vertx.vertx();
    private final List<Shop> shops = new CopyOnWriteArrayList<>();
    private Anabranch hub;
    private Rest rest;
    private String origin;
    private String cookie;

    @BeforeEach
    void openShop() throws Exception {
        hub = await(Shop.hub(vertx));
        await(
                vertx.deployVerticle(
                        () -> {
                            Shop shop = new Shop(hub, ANY_PORT);
                            shops.add(shop);
                            return shop;
                        },
                        new DeploymentOptions().setInstances(2)));
        origin = "http://127.0.0.1:" + shops.get(0).port();
        rest = new Rest(path -> URI.create(origin + "/live" + path), "");
        cookie = login("ann");
    }

    @AfterEach
    void closeShop() throws Exception {
        await(vertx.close());
    }

    @Test
    void bothInstancesListenOnOnePort() {
        assertThat(shops).hasSize(2).extracting(Shop::port).containsOnly(shops.get(0).port());
    }

    @Test
    void customersOfAllInstancesHearOfTheirOrdersOverEitherTransport() throws Exception {
        try (SseReader one = sse("orders:ann");
                SseReader two = sse("orders:ann");
                WsClient three = ws("orders:ann", "");
                WsClient four = ws("orders:ann", "")) {
            String id = order("ann");
            assertThat(one.message().id()).isEqualTo(id);
            assertThat(two.message().data()).isEqualTo("{\"state\":\"packed\"}");
            assertThat(three.next("message").getString("id")).isEqualTo(id);
            assertThat(four.next("message").getString("id")).isEqualTo(id);
        }
    }

    @Test
    void aCustomerMovesFromOneTransportToTheOtherAndBackAndMissesNothing() throws Exception {
        String last;
        try (SseReader stream = sse("orders:ann")) {
            order("ann");
            last = stream.message().id();
        }
        String missed = order("ann");
        try (WsClient socket = ws("orders:ann", "&after=" + last)) {
            assertThat(socket.next("message").getString("id")).isEqualTo(missed);
        }
        String missedAgain = order("ann");
        try (SseReader stream = sse("orders:ann&after=" + missed)) {
            assertThat(stream.message().id()).isEqualTo(missedAgain);
        }
    }

    @Test
    void theShopsLoginIsWhoSomebodyIs() throws Exception {
        try (WsClient socket = ws("shop:questions", "")) {
            socket.send(
                    "{\"type\":\"publish\",\"ref\":1,\"channel\":\"shop:questions\",\"data\":\"?\"}");
            assertThat(socket.next("message").getString("user")).isEqualTo("ann");
            socket.send("{\"type\":\"publish\",\"ref\":2,\"channel\":\"shop:news\",\"data\":1}");
            assertThat(socket.next("error").getString("message"))
                    .isEqualTo("no publish permission for shop:news");
        }
        HttpResponse<String> response =
                rest.post("shop:questions", "text/plain", "?", "Cookie", cookie, "Origin", origin);
        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(rest.get("/api/v1/channels/orders:bob/messages", "Cookie", cookie).statusCode())
                .isEqualTo(403);
        assertThat(
                        new JsonObject(
                                        rest.get(
                                                        "/api/v1/channels/shop:questions/presence",
                                                        "Cookie",
                                                        cookie)
                                                .body())
                                .getInteger("count"))
                .isNotNull();
    }

    @Test
    void whoIsNotLoggedInIsAVisitor() throws Exception {
        cookie = "";
        try (SseReader stream = sse("shop:news")) {
            assertThat(stream.status()).isEqualTo(200);
        }
        try (SseReader stream = sse("orders:ann")) {
            assertThat(stream.status()).isEqualTo(401);
        }
    }

    private String order(String name) throws Exception {
        HttpResponse<String> response = post("/orders/" + name);
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body().replace("\"", "");
    }

    private String login(String name) throws Exception {
        HttpResponse<String> response = post("/login/" + name);
        return response.headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
    }

    private HttpResponse<String> post(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(origin + path))
                                .POST(BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString());
    }

    private SseReader sse(String query) throws Exception {
        URI uri = URI.create(origin + "/live/sse?channel=" + query);
        SseReader stream = new SseReader(uri, "", headers());
        if (stream.status() == 200) {
            // Only now is it known from where on the client is told.
            stream.next();
        }
        return stream;
    }

    private WsClient ws(String channel, String query) throws Exception {
        URI uri = URI.create(origin + "/live/ws?channel=" + channel + query);
        WsClient client = new WsClient(uri, "", headers());
        client.next("ready");
        return client;
    }

    private String[] headers() {
        return cookie.isEmpty() ? new String[0] : new String[] {"Cookie", cookie, "Origin", origin};
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
