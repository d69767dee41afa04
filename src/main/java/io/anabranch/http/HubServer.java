package io.anabranch.http;

import io.anabranch.auth.Authenticator;
import io.anabranch.auth.Revocations;
import io.anabranch.cluster.Cluster;
import io.anabranch.cluster.Peers;
import io.anabranch.config.Config;
import io.anabranch.hub.Hooks;
import io.anabranch.hub.Hub;
import io.anabranch.hub.Presence;
import io.anabranch.log.Log;
import io.anabranch.log.LogClock;
import io.anabranch.message.Refusal;
import io.anabranch.metrics.Metric;
import io.anabranch.metrics.Metrics;
import io.anabranch.metrics.Telemetry;
import io.anabranch.polyglot.BusContract;
import io.anabranch.polyglot.ChannelConsumers;
import io.anabranch.polyglot.VerticleState;
import io.anabranch.polyglot.Verticles;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.metrics.MetricsOptions;
import io.vertx.core.transport.Transport;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A hub of its own: the log, an HTTP server on each event loop, and the verticles. */
public final class HubServer {
    private static final Logger LOG = LoggerFactory.getLogger(HubServer.class);

    /** How often ended revocations are forgotten, in ms. */
    private static final long FORGET_EVERY_MS = 60_000;

    private final Vertx vertx;
    private final Log log;
    private final Cluster cluster;
    private final Metrics metrics;
    private final Verticles verticles;
    private final int port;
    private final int managementPort;

    private HubServer(
            Vertx vertx,
            Log log,
            Cluster cluster,
            Metrics metrics,
            Verticles verticles,
            int port,
            int managementPort) {
        this.vertx = vertx;
        this.log = log;
        this.cluster = cluster;
        this.metrics = metrics;
        this.verticles = verticles;
        this.port = port;
        this.managementPort = managementPort;
    }

    /**
     * Starts a hub. Fails, with nothing left running, when its keys, its port or a verticle that is
     * required are no good.
     */
    public static Future<HubServer> start(Config config) {
        int loops = loops(config);
        Vertx vertx;
        try {
            vertx = vertx(loops, Transports.named(config.http().transport()));
        } catch (Refusal refusal) {
            return Future.failedFuture(refusal);
        }
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
        Telemetry telemetry = Telemetry.create();
        vertx.exceptionHandler(telemetry.refusals()::uncaught);
        return LogEngine.open(config, vertx, telemetry.metrics())
                .compose(
                        log ->
                                join(config, vertx, loops, authenticator, log, telemetry)
                                        .recover(failure -> closed(log::close, failure)))
                .onFailure(unused -> telemetry.metrics().close());
    }

    private static Future<HubServer> join(
            Config config,
            Vertx vertx,
            int loops,
            Authenticator authenticator,
            Log log,
            Telemetry telemetry) {
        return ClusterEngine.open(config, vertx)
                .compose(
                        cluster ->
                                start(config, vertx, loops, authenticator, cluster, log, telemetry)
                                        .recover(failure -> closed(cluster::close, failure)));
    }

    private static Future<HubServer> start(
            Config config,
            Vertx vertx,
            int loops,
            Authenticator authenticator,
            Cluster cluster,
            Log log,
            Telemetry telemetry) {
        Metrics metrics = telemetry.metrics();
        Hub hub = new Hub(log, hooks(config, vertx, metrics));
        Presence presence = presence(config, vertx, hub, metrics);
        return openRevocations(cluster, vertx)
                .map(revocations -> credentials(config, authenticator, cluster, revocations))
                .map(it -> node(config, vertx, hub, presence, it, cluster.peers(), telemetry))
                .compose(node -> cluster.share(presence).map(node))
                .compose(node -> listen(node, config, loops, cluster, log))
                .compose(server -> server.verticles.deploy().map(server));
    }

    /** Null where no channel has one, so that publishing costs nothing more there. */
    private static @Nullable Hooks hooks(Config config, Vertx vertx, Metrics metrics) {
        Hooks hooks =
                new Hooks(vertx, channel -> Optional.ofNullable(config.rule(channel).before()));
        for (Hooks.Outcome outcome : Hooks.Outcome.values()) {
            metrics.total(
                    Metric.BEFORE,
                    () -> hooks.total(outcome),
                    outcome.name().toLowerCase(Locale.ROOT));
        }
        return config.channels().stream().allMatch(rule -> rule.before() == null) ? null : hooks;
    }

    private static Future<HubServer> listen(
            Node node, Config config, int loops, Cluster cluster, Log log) {
        return listen(node, config, loops)
                .compose(
                        port ->
                                listenForOperators(node, config)
                                        .map(
                                                management ->
                                                        new HubServer(
                                                                node.vertx(),
                                                                log,
                                                                cluster,
                                                                node.telemetry().metrics(),
                                                                node.verticles(),
                                                                port,
                                                                management)));
    }

    private static Future<HubServer> closed(Supplier<Future<Void>> close, Throwable failure) {
        return close.get().transform(unused -> Future.failedFuture(failure));
    }

    private static int loops(Config config) {
        int configured = config.http().eventLoops();
        return configured > 0 ? configured : Runtime.getRuntime().availableProcessors();
    }

    private static Vertx vertx(int loops, Transport transport) {
        LOG.info("event loops: {}, by {}", loops, transport.name());
        return Vertx.builder()
                .with(
                        new VertxOptions()
                                .setEventLoopPoolSize(loops)
                                .setMetricsOptions(new MetricsOptions().setEnabled(true)))
                .withMetrics(options -> new ChannelConsumers())
                .withTransport(transport)
                .build();
    }

    private static Node node(
            Config config,
            Vertx vertx,
            Hub hub,
            Presence presence,
            Credentials credentials,
            Peers peers,
            Telemetry telemetry) {
        Config.Limits limits = config.limits();
        BusContract.register(
                vertx,
                hub,
                request -> History.readAll(hub, request, limits.historyPage()),
                telemetry.refusals());
        ChannelConsumers consumers = ChannelConsumers.of(vertx);
        consumers.listen(vertx, hub);
        telemetry.metrics().total(Metric.BUS_DELIVERED, consumers::delivered);
        return new Node(
                vertx,
                hub,
                presence,
                credentials,
                new AllSessions(
                        liveSessions(credentials.revocations(), telemetry.metrics()), peers),
                new Addresses(config.http().trustedProxies()),
                new Gate(limits),
                new Publisher(
                        hub,
                        limits.message(),
                        new PublishRates(
                                limits.publishPerSecond(),
                                limits.publishPerSecondPerConnection(),
                                System::nanoTime),
                        telemetry.refusals()),
                new Services(
                        vertx,
                        config.services().timeoutMs(),
                        limits.message(),
                        peers,
                        telemetry.metrics()),
                new Verticles(vertx, config.verticles(), config.development()),
                config.development() ? Optional.of(new Faults()) : Optional.empty(),
                telemetry,
                new LoopMetrics(telemetry.metrics()),
                new Node.Settings(
                        config.http().heartbeatMs(),
                        limits.frame(),
                        limits.message(),
                        limits.channelsPerConnection(),
                        limits.batchItems(),
                        limits.historyPage(),
                        config.auth().rules().maxLifeMs(),
                        config.development()));
    }

    private static Credentials credentials(
            Config config, Authenticator authenticator, Cluster cluster, Revocations revocations) {
        return new Credentials(
                authenticator,
                revocations,
                cluster.tickets(),
                new TokenCookie(config.auth().cookie()));
    }

    private static Future<Revocations> openRevocations(Cluster cluster, Vertx vertx) {
        return Revocations.open(cluster.revocations())
                .onSuccess(
                        revocations ->
                                vertx.setPeriodic(
                                        FORGET_EVERY_MS, timer -> forgetEnded(revocations)));
    }

    private static void forgetEnded(Revocations revocations) {
        revocations
                .forgetEnded()
                .onFailure(failure -> LOG.warn("ended revocations stay stored", failure));
    }

    /** Those whose token is revoked are ended. */
    private static LiveSessions liveSessions(Revocations revocations, Metrics metrics) {
        LiveSessions sessions = new LiveSessions(new TransportSwitches(metrics));
        revocations.listen(
                revocation -> {
                    Predicate<Session> which = session -> revocation.concerns(session.principal());
                    sessions.end(which, Closing.REVOKED)
                            .onSuccess(
                                    ended -> LOG.info("revoked: {} connections are ended", ended));
                });
        return sessions;
    }

    private static Presence presence(Config config, Vertx vertx, Hub hub, Metrics metrics) {
        Presence presence =
                new Presence(channel -> config.rule(channel).presence(), LogClock.system());
        vertx.setPeriodic(Presence.BEAT_MS, timer -> presence.beat().forEach(hub::tell));
        metrics.gauge(Metric.PRESENCE_MEMBERS, presence::members);
        return presence;
    }

    /** Fails with a {@link Refusal} where the port cannot be had. */
    private static Future<Integer> listenForOperators(Node node, Config config) {
        ManagementLoop management = new ManagementLoop(node, config);
        return node.vertx().deployVerticle(management).map(unused -> management.port());
    }

    /** All loops listen on one port; Vert.x spreads the connections over them. */
    private static Future<Integer> listen(Node node, Config config, int loops) {
        return certificate(node.vertx(), config.http().tls())
                .compose(certificate -> listen(node, config, loops, certificate));
    }

    private static Future<Integer> listen(
            Node node, Config config, int loops, Optional<Certificate> certificate) {
        Vertx vertx = node.vertx();
        HubLoop first = new HubLoop(node, config.http(), config.limits(), certificate);
        Future<?> deployed = vertx.deployVerticle(first);
        for (int i = 1; i < loops; i++) {
            HubLoop another = new HubLoop(node, config.http(), config.limits(), certificate);
            deployed = deployed.compose(unused -> vertx.deployVerticle(another));
        }
        Config.Tls tls = config.http().tls();
        if (tls == null || certificate.isEmpty()) {
            return deployed.map(unused -> first.port());
        }
        var watch = new CertificateWatch(tls, certificate.get(), first::show);
        return deployed.compose(unused -> vertx.deployVerticle(watch)).map(unused -> first.port());
    }

    private static Future<Optional<Certificate>> certificate(
            Vertx vertx, Config.@Nullable Tls files) {
        return files == null
                ? Future.succeededFuture(Optional.empty())
                : vertx.executeBlocking(() -> Optional.of(Certificate.read(vertx, files)));
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Where operators reach it. */
    public int managementPort() {
        return managementPort;
    }

    /** How the verticles beside it are. */
    public List<VerticleState> verticles() {
        return verticles.states();
    }

    /** Stops listening, ends all connections, takes leave of other hubs and closes the log. */
    public Future<Void> close() {
        return end(vertx)
                .compose(unused -> cluster.close())
                .compose(unused -> log.close())
                .onComplete(unused -> metrics.close());
    }

    /** Closes Vert.x from outside of its event loops, which could not tell of it afterwards. */
    private static Future<Void> end(Vertx vertx) {
        Promise<Void> ended = Promise.promise();
        new Thread(() -> vertx.close().onComplete(ended), "anabranch-close").start();
        return ended.future();
    }
}
