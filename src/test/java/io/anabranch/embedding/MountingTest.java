package io.anabranch.embedding;

import static io.anabranch.embedding.Application.await;
import static io.anabranch.embedding.Application.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.Anabranch;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.WsClient;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A hub on servers of applications that are not made for it. */
class MountingTest {
    @RegisterExtension final Application application = new Application();
    private String base = "";

    @Test
    void itsPartsMountOnAnyPath() throws Exception {
        Anabranch hub = application.create(options());
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
        Anabranch hub = application.create(options());
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
        Anabranch hub = application.create(options());
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
    void aStreamHasWhatIsPublishedWhileItsHeadIsOnItsWay() throws Exception {
        Anabranch hub = application.create(options());
        serve(
                new HttpServerOptions(),
                router -> {
                    router.get("/sse").handler(context -> publishBeforeTheHead(context, hub));
                    router.route("/*").subRouter(hub.router());
                });
        try (SseReader stream = stream("/sse?channel=a")) {
            assertThat(stream.message().data()).isEqualTo("meanwhile");
        }
    }

    private static void publishBeforeTheHead(RoutingContext context, Anabranch hub) {
        context.response()
                .headersEndHandler(
                        unused ->
                                CompletableFuture.supplyAsync(() -> hub.publish("a", "meanwhile"))
                                        .thenCompose(Future::toCompletionStage)
                                        .orTimeout(5, TimeUnit.SECONDS)
                                        .join());
        context.next();
    }

    @Test
    void itServesHttp2() throws Exception {
        Anabranch hub = application.create(options());
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
        Anabranch hub = application.create(options());
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
        Anabranch hub = application.create(options());
        Router router = Router.router(application.vertx());
        router.route("/*").subRouter(hub.router());
        HttpServer server =
                application
                        .vertx()
                        .createHttpServer(new HttpServerOptions().setPort(0).setHost("127.0.0.1"))
                        .requestHandler(router);
        await(
                application
                        .vertx()
                        .deployVerticle(
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
        Anabranch hub = application.create(options());
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
        Anabranch hub = application.create(options());
        serve(new HttpServerOptions(), router -> router.route("/*").subRouter(hub.router()));
        try (WsClient socket = socket("/ws?channel=a")) {
            assertThat(await(hub.disconnect("nobody"))).isZero();
            assertThat(await(hub.disconnect("ann"))).isEqualTo(1);
            assertThat(socket.closeCode()).isEqualTo(4403);
        }
    }

    @Test
    void whenItClosesItsClientsAreToldAndTheApplicationGoesOn() throws Exception {
        Anabranch hub = application.create(options().set("http.drain", "100ms"));
        serve(new HttpServerOptions(), router -> router.route("/*").subRouter(hub.router()));
        try (SseReader stream = stream("/sse?channel=a");
                WsClient socket = socket("/ws?channel=a")) {
            await(hub.close());
            assertThat(stream.message().event()).isEqualTo("hub.close");
            assertThat(socket.next("close").getInteger("code")).isEqualTo(4503);
        }
        assertThat(rest().get("/own").body()).isEqualTo("the application's");
        assertThat(rest().get("/sse?channel=a").statusCode()).isEqualTo(503);
        Anabranch again = application.create(options());
        assertThat(await(again.publish("a", 1)).id()).isNotNull();
    }

    private void serve(HttpServerOptions options, Consumer<Router> mount) throws Exception {
        Router router = Router.router(application.vertx());
        router.get("/own").handler((RoutingContext context) -> context.end("the application's"));
        mount.accept(router);
        HttpServer server =
                await(
                        application
                                .vertx()
                                .createHttpServer(options.setPort(0).setHost("127.0.0.1"))
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
}
