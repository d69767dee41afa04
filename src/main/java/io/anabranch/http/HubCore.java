package io.anabranch.http;

import io.anabranch.auth.AuthOptions;
import io.anabranch.auth.Authenticator;
import io.anabranch.auth.Principal;
import io.anabranch.cluster.Cluster;
import io.anabranch.config.Config;
import io.anabranch.hub.Hub;
import io.anabranch.hub.Presence;
import io.anabranch.log.Appended;
import io.anabranch.log.Draft;
import io.anabranch.log.Log;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.metrics.Telemetry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A hub without a server: the log, the rules, and routes for whichever servers are to have them.
 * Its timers and its consumers on the event bus are those of the context that opened it, so a
 * verticle that did takes them along when it is undeployed. Safe for use by any thread.
 */
public final class HubCore {
    /** A page of history ends when it holds about this many bytes. */
    public static final int PAGE_BYTES = 4 * 1024 * 1024;

    private final Config config;
    private final Node node;
    private final Loops loops;
    private final Cluster cluster;
    private final Log log;

    HubCore(Config config, Node node, Cluster cluster, Log log) {
        this.config = config;
        this.node = node;
        this.loops = new Loops(node);
        this.cluster = cluster;
        this.log = log;
    }

    /**
     * Opens the log and joins the hubs that share it. Fails, with nothing left open, when the keys
     * or the log are no good.
     *
     * @param login whom the application knows that the hub is part of, asked before any token is
     *     looked at; null where the hub is all there is
     */
    public static Future<HubCore> open(
            Config config,
            Vertx vertx,
            @Nullable Function<RoutingContext, Optional<Principal>> login) {
        return open(config, vertx, login, Telemetry.create());
    }

    static Future<HubCore> open(
            Config config,
            Vertx vertx,
            @Nullable Function<RoutingContext, Optional<Principal>> login,
            Telemetry telemetry) {
        Opening opening =
                new Opening(
                        config,
                        vertx,
                        telemetry,
                        login == null ? context -> Optional.empty() : login);
        return authenticator(config.auth(), vertx, login != null)
                .compose(opening::open)
                .onFailure(unused -> telemetry.metrics().close());
    }

    /** Who has another login needs no keys. */
    private static Future<Authenticator> authenticator(
            AuthOptions options, Vertx vertx, boolean hasLogin) {
        return hasLogin && options.keys().isEmpty() && options.jwks() == null
                ? Future.succeededFuture(Authenticator.withoutKeys(options))
                : Authenticator.create(vertx, options);
    }

    Node node() {
        return node;
    }

    Loops loops() {
        return loops;
    }

    /** See {@link Hub#publish}; completes on the caller's context. */
    public Future<Appended> publish(Draft draft) {
        return OnLoop.onLoop(node.hub().publish(draft));
    }

    /** See {@link Hub#read}; completes on the caller's context. */
    public Future<Page> read(Query query) {
        return OnLoop.onLoop(node.hub().read(query));
    }

    /** What is counted, in Prometheus' text format. Blocks for some ms. */
    public String metrics() {
        return node.telemetry().metrics().scrape();
    }

    public Hub hub() {
        return node.hub();
    }

    public Presence presence() {
        return node.presence();
    }

    /** Why the hub cannot serve now; empty when it can. */
    public Optional<String> notReady() {
        return node.notReady();
    }

    /** {@code /sse}, {@code /ws}, {@code /api/v1} and the files of clients, for any loop. */
    public Router router() {
        return routes().router();
    }

    /** Event streams alone, whatever the path. */
    public Router sse() {
        return routes().sse();
    }

    /** WebSockets alone, whatever the path. */
    public Router webSocket() {
        return routes().webSocket();
    }

    /** The REST interface alone, with {@code /channels} and the others at its root. */
    public Router rest() {
        return routes().rest();
    }

    private Routes routes() {
        return new Routes(node, loops, config.http());
    }

    /** Starts the verticles that the configuration names; fails when a required one does. */
    public Future<Void> deployVerticles() {
        return node.verticles().deploy();
    }

    /**
     * Ends the connections of a user, as those of a token that no longer counts (4401), on all hubs
     * that share the log; gives how many they were.
     */
    public Future<Integer> disconnect(String user) {
        return node.sessions().disconnect(new AllSessions.Which(user, null, false));
    }

    /** Asks all clients to come back (4503), each within {@code http.drain}. */
    public Future<?> endConnections() {
        return loops.close(config.http().drainMs());
    }

    /** Takes leave of other hubs and closes the log, when nobody uses the hub any more. */
    public Future<Void> close() {
        return cluster.close()
                .compose(unused -> log.close())
                .onComplete(unused -> node.telemetry().metrics().close());
    }
}
