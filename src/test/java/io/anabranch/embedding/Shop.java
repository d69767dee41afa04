package io.anabranch.embedding;

import io.anabranch.Anabranch;
import io.anabranch.AnabranchOptions;
import io.anabranch.auth.Grants;
import io.anabranch.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.sstore.LocalSessionStore;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A shop that has pages and a login of its own, and tells its customers what becomes of orders. */
public final class Shop extends VerticleBase {
    private final Anabranch hub;
    private final int listenOn;
    private @Nullable HttpServer server;

    Shop(Anabranch hub, int listenOn) {
        this.hub = hub;
        this.listenOn = listenOn;
    }

    static Future<Anabranch> hub(Vertx vertx) {
        Grants customer =
                new Grants(
                        List.of("shop:*", "orders:{sub}"),
                        List.of("shop:questions"),
                        List.of("shop:*"),
                        List.of(),
                        false);
        return Anabranch.create(
                vertx,
                new AnabranchOptions()
                        .set("log.type", "memory")
                        .set("channels.\"shop:*\".presence", true)
                        .set("auth.anonymous.subscribe", List.of("shop:news"))
                        .login(
                                ctx ->
                                        Optional.ofNullable(ctx.session().<String>get("name"))
                                                .map(name -> Principal.of(name, customer))));
    }

    @Override
    public Future<?> start() {
        Router router = Router.router(vertx);
        router.route().handler(SessionHandler.create(LocalSessionStore.create(vertx)));
        router.post("/login/:name")
                .handler(
                        ctx -> {
                            ctx.session().put("name", ctx.pathParam("name"));
                            ctx.end();
                        });
        router.post("/orders/:name")
                .handler(
                        ctx ->
                                hub.publish(
                                                "orders:" + ctx.pathParam("name"),
                                                new JsonObject().put("state", "packed"))
                                        .onSuccess(done -> ctx.json(done.id().toString()))
                                        .onFailure(ctx::fail));
        router.route("/live/*").subRouter(hub.router());
        server = vertx.createHttpServer().requestHandler(router);
        return server.listen(listenOn);
    }

    int port() {
        return Objects.requireNonNull(server).actualPort();
    }
}
