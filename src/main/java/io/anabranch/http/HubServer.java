package io.anabranch.http;

import io.anabranch.auth.Authenticator;
import io.anabranch.auth.Tickets;
import io.anabranch.config.Config;
import io.anabranch.hub.Hub;
import io.anabranch.hub.Presence;
import io.anabranch.log.Log;
import io.anabranch.polyglot.BusContract;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A hub of its own: the log, an HTTP server on each event loop, and the verticles. */
public final class HubServer {
    private static final Logger LOG = LoggerFactory.getLogger(HubServer.class);

    private final Vertx vertx;
    private final Log log;
    private final int port;

    private HubServer(Vertx vertx, Log log, int port) {
        this.vertx = vertx;
        this.log = log;
        this.port = port;
    }

    /**
     * Starts a hub. Fails, with nothing left running, when its keys, its port or a verticle are no
     * good.
     */
    public static Future<HubServer> start(Config config) {
        int loops = loops(config);
        Vertx vertx = vertx(loops);
        // A promise of no event loop: it must still be told of a failure when all loops have ended.
        Promise<HubServer> started = Promise.promise();
        Authenticator.create(vertx, config.auth())
                .compose(authenticator -> start(config, vertx, loops, authenticator))
                .onSuccess(started::complete)
                .onFailure(failure -> end(vertx).onComplete(unused -> started.tryFail(failure)));
        return started.future();
    }

    private static Future<HubServer> start(
            Config config, Vertx vertx, int loops, Authenticator authenticator) {
        return LogEngine.open(config, vertx)
                .compose(
                        log ->
                                start(config, vertx, loops, authenticator, log)
                                        .recover(failure -> closed(log, failure)));
    }

    private static Future<HubServer> start(
            Config config, Vertx vertx, int loops, Authenticator authenticator, Log log) {
        Node node = node(config, vertx, new Hub(log), authenticator);
        return listen(node, config, loops)
                .compose(
                        port ->
                                deployVerticles(vertx, config)
                                        .map(unused -> new HubServer(vertx, log, port)));
    }

    private static Future<HubServer> closed(Log log, Throwable failure) {
        return log.close().transform(unused -> Future.failedFuture(failure));
    }

    private static int loops(Config config) {
        int configured = config.http().eventLoops();
        return configured > 0 ? configured : Runtime.getRuntime().availableProcessors();
    }

    private static Vertx vertx(int loops) {
        VertxBuilder builder =
                Vertx.builder()
                        .with(
                                new VertxOptions()
                                        .setEventLoopPoolSize(loops)
                                        .setPreferNativeTransport(true));
        Vertx vertx = builder.build();
        if (!vertx.isNativeTransportEnabled()) {
            LOG.info("no native transport here, so the JDK's is used");
        }
        return vertx;
    }

    private static Node node(Config config, Vertx vertx, Hub hub, Authenticator authenticator) {
        Config.Limits limits = config.limits();
        BusContract.register(vertx, hub);
        return new Node(
                vertx,
                hub,
                presence(config, vertx, hub),
                new Credentials(
                        authenticator, new Tickets(), new TokenCookie(config.auth().cookie())),
                new Publisher(hub, limits.message()),
                new Services(vertx, config.services().timeoutMs(), limits.message()),
                config.development() ? Optional.of(new Faults()) : Optional.empty(),
                new Node.Settings(
                        config.http().heartbeatMs(),
                        limits.frame(),
                        limits.message(),
                        limits.channelsPerConnection(),
                        config.development()));
    }

    private static Presence presence(Config config, Vertx vertx, Hub hub) {
        Presence presence =
                new Presence(channel -> config.rule(channel).presence(), System::currentTimeMillis);
        vertx.setPeriodic(Presence.BEAT_MS, timer -> presence.beat().forEach(hub::tell));
        return presence;
    }

    /** All loops listen on one port; Vert.x spreads the connections over them. */
    private static Future<Integer> listen(Node node, Config config, int loops) {
        int port =
                config.http().port() == 0 ? freePort(config.http().host()) : config.http().port();
        Future<?> deployed = Future.succeededFuture();
        for (int i = 0; i < loops; i++) {
            HubLoop server = new HubLoop(node, config.http(), port);
            deployed = deployed.compose(unused -> node.vertx().deployVerticle(server));
        }
        return deployed.map(unused -> port);
    }

    /** Vert.x shares a port among servers only when they all name it. */
    private static int freePort(String host) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, 0));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on " + host, e);
        }
    }

    private static Future<Void> deployVerticles(Vertx vertx, Config config) {
        Future<Void> deployed = Future.succeededFuture();
        for (String name : config.verticles()) {
            deployed =
                    deployed.compose(unused -> vertx.deployVerticle(name, new DeploymentOptions()))
                            .onSuccess(unused -> LOG.info("verticle {} runs", name))
                            .mapEmpty();
        }
        return deployed;
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Stops listening, ends all connections and closes the log. */
    public Future<Void> close() {
        return end(vertx).compose(unused -> log.close());
    }

    /** Closes Vert.x from outside of its event loops, which could not tell of it afterwards. */
    private static Future<Void> end(Vertx vertx) {
        Promise<Void> ended = Promise.promise();
        new Thread(() -> vertx.close().onComplete(ended), "anabranch-close").start();
        return ended.future();
    }
}
