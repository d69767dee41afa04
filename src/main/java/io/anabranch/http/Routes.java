package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.vertx.core.Handler;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.StaticHandler;
import java.util.List;
import java.util.Optional;

/**
 * The routes of the hub: all of them as a server of its own has them, or parts for other routers.
 */
final class Routes {
    private static final List<Integer> ANSWERED_AS_PROBLEM = List.of(400, 403, 404, 405, 413, 500);

    private final Node node;
    private final Loops loops;
    private final Config.Http http;

    Routes(Node node, Loops loops, Config.Http http) {
        this.node = node;
        this.loops = loops;
        this.http = http;
    }

    /** For clients. */
    Router router() {
        Router router = Router.router(node.vertx());
        mountGuards(router);
        Config.Tls tls = http.tls();
        if (tls != null && tls.http3()) {
            router.route().handler(Routes::offerHttp3);
        }
        node.faults().ifPresent(faults -> mount(faults, router));
        mountInterface(router);
        router.get("/ws").handler(webSocketRoute());
        node.protocols().mount(node.vertx(), router, new LoopDoor(node, loops));
        router.get("/health/live").handler(Routes::up);
        router.get("/health/ready").handler(this::ready);
        mountFiles(router);
        return router;
    }

    /** What the console's page asks the hub for. */
    void mountForOperators(Router router) {
        mountGuards(router);
        mountInterface(router);
    }

    private void mountGuards(Router router) {
        ANSWERED_AS_PROBLEM.forEach(
                status ->
                        router.errorHandler(
                                status,
                                context -> Problem.answer(context, problem(context, status))));
        router.route()
                .handler(new Arrival(node.telemetry().refusals(), node.addresses()))
                .handler(new SafeHeaders())
                .handler(new Origins(http.origins()));
        router.route().failureHandler(Routes::refuseBrokenBody);
    }

    private void mountInterface(Router router) {
        router.get("/sse").handler(new SseRoute(node, loops));
        mountRest(router, new RestPath(RestRoutes.API));
    }

    private void mountRest(Router router, RestPath base) {
        new RestRoutes(node, base).mount(router);
        new AdminRoutes(node, base).mount(router);
    }

    private WebSocketRoute webSocketRoute() {
        return new WebSocketRoute(node, loops, http.permessageDeflate());
    }

    /** Event streams alone, whatever the path. */
    Router sse() {
        return alone(new SseRoute(node, loops));
    }

    /** WebSockets alone, whatever the path. */
    Router webSocket() {
        return alone(webSocketRoute());
    }

    /** The REST interface alone, with {@code /channels} and the others at its root. */
    Router rest() {
        Router router = Router.router(node.vertx());
        mountGuards(router);
        mountRest(router, new RestPath(""));
        return router;
    }

    private Router alone(Handler<RoutingContext> route) {
        Router router = Router.router(node.vertx());
        mountGuards(router);
        router.route().handler(route);
        return router;
    }

    private static void mount(Faults faults, Router router) {
        router.routeWithRegex("/(sse|ws)").handler(faults::admit);
        router.post("/dev/faults").consumes("application/json").handler(faults::handle);
    }

    /** Where the same is to be had over HTTP/3 (RFC 7838), for a day. */
    private static void offerHttp3(RoutingContext context) {
        int port = context.request().localAddress().port();
        context.response().putHeader("Alt-Svc", "h3=\":" + port + "\"; ma=86400");
        context.next();
    }

    private static void refuseBrokenBody(RoutingContext context) {
        boolean isMalformed = RequestBody.isMalformed(context.failure());
        if (isMalformed && !context.request().isEnded()) {
            Problem.answer(
                    context,
                    Refusal.badRequest("body: malformed (expected: chunks, RFC 9112 §7.1)"));
            context.request().connection().close();
        } else {
            context.next();
        }
    }

    /** What the web framework refused, and why, in words of ours. */
    private Refusal problem(RoutingContext context, int status) {
        Throwable failure = context.failure();
        if (status == 413) {
            int most = node.settings().maxDataBytes();
            return Refusal.overLimit(
                    Refusal.Reason.TOO_LARGE, Limit.MESSAGE, "body: too large", most + " bytes");
        }
        if (status == 400 && failure instanceof VertxException) {
            return Refusal.badRequest(
                    "Host or path: missing or malformed (expected: Host: name[:port], and a path"
                            + " that begins with /)");
        }
        return failure == null ? Problem.ofStatus(status) : Problem.of(failure);
    }

    private void ready(RoutingContext context) {
        Optional<String> notReady = node.notReady();
        if (notReady.isPresent()) {
            Problem.answer(context, new Refusal(Refusal.Reason.UNAVAILABLE, notReady.get()));
        } else {
            up(context);
        }
    }

    private static void up(RoutingContext context) {
        context.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .end(new JsonObject().put("status", "UP").toBuffer());
    }

    /** The client and the description of the interface; the demo pages in development alone. */
    private void mountFiles(Router router) {
        router.get("/openapi.yaml").handler(file("openapi.yaml", "application/yaml"));
        router.get("/anabranch.js").handler(file("webroot/anabranch.js", "text/javascript"));
        router.get("/anabranch.d.ts").handler(file("webroot/anabranch.d.ts", "text/plain"));
        if (node.settings().development()) {
            StaticHandler pages = files("webroot").setCachingEnabled(false);
            router.get("/webjars/*").handler(files("META-INF/resources/webjars"));
            router.route("/*").method(HttpMethod.GET).method(HttpMethod.HEAD).handler(pages);
        }
    }

    /** What is below a directory, without listings and dot files. */
    private static StaticHandler files(String directory) {
        return StaticHandler.create(directory).setDirectoryListing(false).setIncludeHidden(false);
    }

    private static Handler<RoutingContext> file(String resource, String contentType) {
        return context ->
                context.response()
                        .putHeader("Content-Type", contentType + "; charset=utf-8")
                        .putHeader("Cache-Control", "no-cache")
                        .sendFile(resource)
                        .onFailure(failure -> Problem.answer(context, failure));
    }
}
