package io.anabranch.console;

import io.anabranch.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.StaticHandler;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The management port: {@code GET /metrics}, {@code /health/live} and {@code /health/ready}, which
 * ask nobody who they are, so that it belongs where clients cannot reach it; and the console, a
 * page at {@code /} that asks the hub as an administrator does.
 */
public final class ManagementServer {
    /** A connection that does nothing is closed after this time. */
    private static final int IDLE_S = 60;

    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    /** What the console has in common with the demo pages. */
    private static final List<String> SHARED_FILES =
            List.of("/anabranch.js", "/style.css", "/dom.js", "/demo/mark.svg");

    private final Vertx vertx;
    private final Metrics metrics;
    private final Supplier<Optional<String>> notReady;

    /**
     * @param notReady why the hub cannot serve now; empty when it can
     */
    public ManagementServer(Vertx vertx, Metrics metrics, Supplier<Optional<String>> notReady) {
        this.vertx = vertx;
        this.metrics = metrics;
        this.notReady = notReady;
    }

    /**
     * Listens until {@code vertx} closes.
     *
     * @param port 0 for any free one
     * @param hub mounts what the console asks the hub for
     * @return the port; fails when it cannot be had
     */
    public Future<Integer> listen(String host, int port, Consumer<Router> hub) {
        Router router = Router.router(vertx);
        hub.accept(router);
        router.get("/metrics").handler(this::metrics);
        router.get("/health/live").handler(context -> answer(context, 200, "UP", ""));
        router.get("/health/ready").handler(this::ready);
        router.get("/webjars/*").handler(files("META-INF/resources/webjars"));
        for (String shared : SHARED_FILES) {
            router.get(shared).handler(context -> context.response().sendFile("webroot" + shared));
        }
        router.get("/*").handler(files("console"));
        HttpServerOptions options =
                new HttpServerOptions()
                        .setHost(host)
                        .setPort(port)
                        .setIdleTimeout(IDLE_S)
                        .setIdleTimeoutUnit(TimeUnit.SECONDS);
        return vertx.createHttpServer(options)
                .requestHandler(router)
                .listen()
                .map(HttpServer::actualPort);
    }

    /** What is below a directory, without listings and dot files. */
    private static StaticHandler files(String directory) {
        return StaticHandler.create(directory)
                .setDirectoryListing(false)
                .setIncludeHidden(false)
                .setCachingEnabled(false);
    }

    /** Off the event loop, which has messages to deliver meanwhile. */
    private void metrics(RoutingContext context) {
        HttpServerResponse response = context.response();
        vertx.executeBlocking(metrics::scrape, false)
                .onSuccess(
                        text ->
                                response.putHeader("Content-Type", PROMETHEUS)
                                        .putHeader("Cache-Control", "no-store")
                                        .end(text))
                .onFailure(context::fail);
    }

    private void ready(RoutingContext context) {
        Optional<String> reason = notReady.get();
        if (reason.isPresent()) {
            answer(context, 503, "DOWN", reason.get());
        } else {
            answer(context, 200, "UP", "");
        }
    }

    private static void answer(RoutingContext context, int status, String health, String reason) {
        JsonObject json = new JsonObject().put("status", health);
        if (!reason.isEmpty()) {
            json.put("reason", reason);
        }
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .end(json.toBuffer());
    }
}
