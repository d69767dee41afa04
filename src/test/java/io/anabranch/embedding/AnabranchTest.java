package io.anabranch.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.Anabranch;
import io.anabranch.AnabranchOptions;
import io.anabranch.Gap;
import io.anabranch.Subscription;
import io.anabranch.auth.Grants;
import io.anabranch.auth.Principal;
import io.anabranch.config.ConfigException;
import io.anabranch.log.Page;
import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.stream.Frames.GapReason;
import io.anabranch.stream.Start;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.WsClient;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A hub in applications that are not made for it. */
class AnabranchTest {
    private static final Grants ALL =
            new Grants(List.of("*"), List.of("*"), List.of("*"), List.of("*"), false);

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<Gap> gaps = new LinkedBlockingQueue<>();
    private String base = "";

    @AfterEach
    void end() throws Exception {
        await(vertx.close());
    }

    @Test
    void itsPartsMountOnAnyPath() throws Exception {
        Anabranch hub = create(options());
        serve(
                new HttpServerOptions(),
                router -> {
                    router.get("/up/events").handler(hub.sse());
                    router.get("/socket").handler(hub.webSocket());
                    router.route("/up/rest/*").handler(hub.rest());
                });
        try (SseReader stream = stream("/up/events?channel=a//b");
                WsClient socket = socket("/socket?channel=a//b")) {
            String path = "/up/rest/channels/a%2F%2Fb/messages";
            HttpResponse<String> response = rest().send(path, "text/plain", "hi");
            assertThat(response.statusCode()).isEqualTo(201);
            String id = new JsonObject(response.body()).getString("id");
            assertThat(stream.message().id()).isEqualTo(id);
            assertThat(socket.next("message").getString("id")).isEqualTo(id);
            assertThat(rest().get(path).body()).contains(id);
        }
        assertThat(rest().get("/up/rest/nothing").statusCode()).isEqualTo(404);
        assertThat(rest().send("/up/rest/tickets", "", "").statusCode()).isEqualTo(201);
    }

    @Test
    void allOfItMountsBelowAPath() throws Exception {
        Anabranch hub = create(options());
        serve(new HttpServerOptions(), router -> router.route("/a/b/*").subRouter(hub.router()));
        assertThat(rest().get("/a/b/health/ready").body()).contains("UP");
        assertThat(rest().get("/a/b/anabranch.js").body()).contains("export function connect");
        assertThat(rest().get("/a/b/openapi.yaml").statusCode()).isEqualTo(200);
        assertThat(rest().send("/a/b/api/v1/channels/c/messages", "text/plain", "1").statusCode())
                .isEqualTo(201);
        assertThat(rest().get("/a/b/api/v1/channels/c/messages").body()).contains("\"data\":\"1\"");
        assertThat(rest().get("/a/b/nothing").statusCode()).isEqualTo(404);
        assertThat(rest().get("/own").body()).isEqualTo("the application's");
    }

    @Test
    void aServerThatCompressesDoesNotTouchItsStreamsAndSockets() throws Exception {
        Anabranch hub = create(options());
        var options =
                new HttpServerOptions()
                        .setCompressionSupported(true)
                        .setPerMessageWebSocketCompressionSupported(true);
        serve(options, router -> router.route("/*").subRouter(hub.router()));
        URI uri = URI.create(base + "/sse?channel=a");
        try (var stream = new SseReader(uri, "", "Accept-Encoding", "gzip");
                var socket = new WsClient(URI.create(base + "/ws?channel=a"), "")) {
            assertThat(stream.header("Content-Encoding")).isIn("", "identity");
            stream.next();
            socket.next("ready");
            await(hub.publish("a", "x".repeat(2_000)));
            assertThat(stream.message().data()).hasSize(2_000);
            assertThat(socket.next("message").getString("data")).hasSize(2_000);
        }
        assertThat(upgrade("Sec-WebSocket-Extensions: permessage-deflate"))
                .contains("HTTP/1.1 101 Switching Protocols")
                .noneMatch(line -> line.toLowerCase(Locale.ROOT).contains("extensions"));
    }

    @Test
    void itServesHttp2() throws Exception {
        Anabranch hub = create(options());
        serve(new HttpServerOptions(), router -> router.route("/*").subRouter(hub.router()));
        HttpResponse<InputStream> response =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_2)
                        .build()
                        .send(
                                HttpRequest.newBuilder(URI.create(base + "/sse?channel=a")).build(),
                                BodyHandlers.ofInputStream());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(new String(response.body().readNBytes(6))).isEqualTo("retry:");
        response.body().close();
    }

    @Test
    void anApplicationMayHaveReadTheBody() throws Exception {
        Anabranch hub = create(options());
        serve(
                new HttpServerOptions(),
                router -> {
                    router.route().handler(BodyHandler.create(false));
                    router.route("/*").subRouter(hub.router());
                });
        assertThat(rest().publish("a", "1")).isNotEmpty();
        String item = "{\"channel\":\"a\",\"data\":2}";
        for (String type : List.of("application/json", "application/x-ndjson")) {
            String body = type.endsWith("/json") ? "[" + item + "]" : item + "\n";
            HttpResponse<String> response = rest().send("/api/v1/messages", type, body);
            assertThat(new JsonArray(response.body()).getJsonObject(0).getString("channel"))
                    .isEqualTo("a");
        }
        assertThat(rest().history("a", "")).hasSize(3);
    }

    @Test
    void aServerOnAWorkerIsToldThatItMustNotBe() throws Exception {
        Anabranch hub = create(options());
        Router router = Router.router(vertx);
        router.route("/*").subRouter(hub.router());
        HttpServer server =
                vertx.createHttpServer(new HttpServerOptions().setPort(0).setHost("127.0.0.1"))
                        .requestHandler(router);
        await(
                vertx.deployVerticle(
                        new VerticleBase() {
                            @Override
                            public Future<?> start() {
                                return server.listen();
                            }
                        },
                        new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER)));
        base = "http://127.0.0.1:" + server.actualPort();
        assertThat(rest().get("/sse?channel=a").statusCode()).isEqualTo(500);
    }

    @Test
    void aLoginByCookieCountsOnItsOwnPagesAlone() throws Exception {
        Anabranch hub = create(options());
        serve(new HttpServerOptions(), router -> router.route("/*").subRouter(hub.router()));
        String path = "/api/v1/channels/a/messages";
        String[] elsewhere = {"Cookie", "c=1", "Origin", "https://evil.example"};
        assertThat(rest().send(path, "text/plain", "1", elsewhere).statusCode()).isEqualTo(403);
        assertThat(rest().send(path, "text/plain", "1", "Cookie", "c=1").statusCode())
                .isEqualTo(403);
        assertThat(rest().send(path, "text/plain", "1", "Cookie", "c=1", "Origin", base))
                .extracting(HttpResponse::statusCode)
                .isEqualTo(201);
    }

    @Test
    void whoIsLoggedOutIsDisconnected() throws Exception {
        Anabranch hub = create(options());
        serve(new HttpServerOptions(), router -> router.route("/*").subRouter(hub.router()));
        try (WsClient socket = socket("/ws?channel=a")) {
            assertThat(await(hub.disconnect("nobody"))).isZero();
            assertThat(await(hub.disconnect("ann"))).isEqualTo(1);
            assertThat(socket.closeCode()).isEqualTo(4403);
        }
    }

    @Test
    void whenItClosesItsClientsAreToldAndTheApplicationGoesOn() throws Exception {
        Anabranch hub = create(options().set("http.drain", "100ms"));
        serve(new HttpServerOptions(), router -> router.route("/*").subRouter(hub.router()));
        try (SseReader stream = stream("/sse?channel=a");
                WsClient socket = socket("/ws?channel=a")) {
            await(hub.close());
            assertThat(stream.message().event()).isEqualTo("hub.close");
            assertThat(socket.next("close").getInteger("code")).isEqualTo(4503);
        }
        assertThat(rest().get("/own").body()).isEqualTo("the application's");
        assertThat(rest().get("/sse?channel=a").statusCode()).isEqualTo(503);
        Anabranch again = create(options());
        assertThat(await(again.publish("a", 1)).id()).isNotNull();
    }

    @Test
    void itReadsAndPublishesForItsApplication() throws Exception {
        Anabranch hub = create(options());
        MessageId first = await(hub.publish("a:1", new JsonObject().put("n", 1))).id();
        await(hub.publish("a:2", null));
        MessageId third = await(hub.publish("a:1", List.of(3))).id();
        Page page = await(hub.history("a:1", new Cursor.After(first), 10));
        assertThat(page.messages()).extracting(Message::id).containsExactly(third);
        assertThat(await(hub.last("a:1", 1))).extracting(Message::id).containsExactly(third);
        assertThat(hub.head()).isEqualTo(third);
        assertThat(hub.presence("a:1").count()).isZero();
        assertThat(hub.notReady()).isEmpty();
        assertThat(hub.metrics()).contains("anabranch_");
    }

    @Test
    void aSubscriptionBeginsWhereItIsToldToAndGoesOn() throws Exception {
        Anabranch hub = create(options());
        MessageId first = await(hub.publish("a:1", 1)).id();
        await(hub.publish("b", 0));
        await(hub.publish("a:2", 2));
        Subscription after = subscribe(hub, new Start.After(new Cursor.After(first)));
        assertThat(data(1)).containsExactly("2");
        after.close();
        Subscription last = subscribe(hub, new Start.Last(1));
        assertThat(data(2)).containsExactly("1", "2");
        last.close();
        Subscription earliest = subscribe(hub, new Start.After(new Cursor.Earliest()));
        assertThat(data(2)).containsExactly("1", "2");
        earliest.close();
        Subscription live = subscribe(hub, new Start.Live());
        MessageId third = await(hub.publish("a:1", 3)).id();
        assertThat(data(1)).containsExactly("3");
        assertThat(live.cursor()).isEqualTo(new Cursor.After(third));
        assertThat(gaps).isEmpty();
    }

    @Test
    void aSubscriptionIsToldOfWhatIsLost() throws Exception {
        Anabranch hub = create(options().set("channels.\"a:*\".history.messages", 1));
        MessageId first = await(hub.publish("a:1", 1)).id();
        await(hub.publish("a:1", 2));
        await(hub.publish("a:1", 3));
        subscribe(hub, new Start.After(new Cursor.After(first)));
        assertThat(data(1)).containsExactly("3");
        assertThat(gaps.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new Gap("a:1", first.toString(), GapReason.EXPIRED));
        subscribe(hub, new Start.After(new Cursor.After(new MessageId("zzzz", 7))));
        assertThat(gaps.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new Gap("a:*", "zzzz-7", GapReason.RESET));
    }

    @Test
    void aSubscriptionThatIsPausedReadsFromTheLogLater() throws Exception {
        int many = 5_000;
        Anabranch hub = create(options().set("channels.\"a:*\".history.messages", many));
        Subscription subscription = subscribe(hub, new Start.Live());
        subscription.pause();
        for (int i = 0; i < many; i++) {
            hub.publish("a:1", i);
        }
        await(hub.publish("b", 0));
        assertThat(messages).isEmpty();
        subscription.resume();
        List<String> all = data(many);
        assertThat(all).hasSize(many).startsWith("0", "1").endsWith(String.valueOf(many - 1));
        assertThat(all).doesNotHaveDuplicates();
        await(hub.publish("a:1", many));
        assertThat(data(1)).containsExactly(String.valueOf(many));
        assertThat(gaps).isEmpty();
    }

    @Test
    void whatIsWrongWithItsOptionsIsSaid() {
        assertThatThrownBy(() -> create(new AnabranchOptions().set("log.type", "memory")))
                .cause()
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("auth.keys: none");
        assertThatThrownBy(() -> create(options().set("http.port", 8080).set("http.hartbeat", 1)))
                .cause()
                .hasMessageContaining("http.port: set (expected: left out")
                .hasMessageContaining("http.hartbeat: unknown key (did you mean http.heartbeat?)");
        assertThatThrownBy(() -> create(options().set("no path", 1)))
                .cause()
                .hasMessageContaining("\"no path\" (expected: a path such as log.type)");
    }

    private AnabranchOptions options() {
        return new AnabranchOptions(
                        new JsonObject().put("log", new JsonObject().put("type", "memory")))
                .login(context -> Optional.of(Principal.of("ann", ALL)));
    }

    private Anabranch create(AnabranchOptions options) throws Exception {
        return await(Anabranch.create(vertx, options));
    }

    private Subscription subscribe(Anabranch hub, Start start) {
        return hub.subscribe("a:*", start, messages::add, gaps::add);
    }

    private List<String> data(int count) throws InterruptedException {
        List<String> data = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Message message = messages.poll(10, TimeUnit.SECONDS);
            assertThat(message).as("message %d of %d", i, count).isNotNull();
            data.add(message.data().toString());
        }
        return data;
    }

    private void serve(HttpServerOptions options, Consumer<Router> mount) throws Exception {
        Router router = Router.router(vertx);
        router.get("/own").handler((RoutingContext context) -> context.end("the application's"));
        mount.accept(router);
        HttpServer server =
                await(
                        vertx.createHttpServer(options.setPort(0).setHost("127.0.0.1"))
                                .requestHandler(router)
                                .listen());
        base = "http://127.0.0.1:" + server.actualPort();
    }

    /** The head of the answer to an upgrade with one more header. */
    private List<String> upgrade(String header) throws Exception {
        URI uri = URI.create(base);
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            String request =
                    String.join(
                            "\r\n",
                            "GET /ws?channel=a HTTP/1.1",
                            "Host: " + uri.getAuthority(),
                            "Connection: Upgrade",
                            "Upgrade: websocket",
                            "Sec-WebSocket-Version: 13",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                            header,
                            "",
                            "");
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            var in =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.ISO_8859_1));
            List<String> head = new ArrayList<>();
            for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                head.add(line);
            }
            return head;
        }
    }

    private Rest rest() {
        return new Rest(path -> URI.create(base + path), "");
    }

    private SseReader stream(String path) throws Exception {
        SseReader stream = new SseReader(URI.create(base + path), "");
        stream.next();
        return stream;
    }

    private WsClient socket(String path) throws Exception {
        WsClient socket = new WsClient(URI.create(base + path), "");
        assertThat(socket.subprotocol()).isEqualTo("anabranch.v1");
        socket.next("ready");
        return socket;
    }

    private static <T> T await(Future<T> future) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }
}
