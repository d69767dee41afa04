package io.anabranch.http;

import io.anabranch.auth.Authenticator;
import io.anabranch.auth.Principal;
import io.anabranch.auth.Revocations;
import io.anabranch.cluster.Cluster;
import io.anabranch.cluster.Peers;
import io.anabranch.config.Config;
import io.anabranch.hub.Hooks;
import io.anabranch.hub.Hub;
import io.anabranch.hub.Presence;
import io.anabranch.log.Log;
import io.anabranch.log.LogClock;
import io.anabranch.metrics.Metric;
import io.anabranch.metrics.Metrics;
import io.anabranch.metrics.Telemetry;
import io.anabranch.polyglot.BusContract;
import io.anabranch.polyglot.ChannelConsumers;
import io.anabranch.polyglot.Verticles;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens what a hub consists of, one after the other; what fails leaves nothing open. */
record Opening(
        Config config,
        Vertx vertx,
        Telemetry telemetry,
        Function<RoutingContext, Optional<Principal>> login) {
    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    /** How often ended revocations are forgotten, in ms. */
    private static final long FORGET_EVERY_MS = 60_000;

    Future<HubCore> open(Authenticator authenticator) {
        return LogEngine.open(config, vertx, telemetry.metrics())
                .compose(
                        log ->
                                join(authenticator, log)
                                        .recover(failure -> closed(log::close, failure)));
    }

    private Future<HubCore> join(Authenticator authenticator, Log log) {
        return ClusterEngine.open(config, vertx)
                .compose(
                        cluster ->
                                assemble(authenticator, cluster, log)
                                        .recover(failure -> closed(cluster::close, failure)));
    }

    private static Future<HubCore> closed(Supplier<Future<Void>> close, Throwable failure) {
        return close.get().transform(unused -> Future.failedFuture(failure));
    }

    private Future<HubCore> assemble(Authenticator authenticator, Cluster cluster, Log log) {
        Hub hub = new Hub(log, hooks());
        Presence presence = presence(hub);
        return openRevocations(cluster)
                .map(revocations -> credentials(authenticator, cluster, revocations))
                .map(credentials -> node(hub, presence, credentials, cluster.peers()))
                .compose(node -> cluster.share(presence).map(node))
                .map(node -> new HubCore(config, node, cluster, log));
    }

    /** Null where no channel has one, so that publishing costs nothing more there. */
    private @Nullable Hooks hooks() {
        Hooks hooks =
                new Hooks(vertx, channel -> Optional.ofNullable(config.rule(channel).before()));
        for (Hooks.Outcome outcome : Hooks.Outcome.values()) {
            telemetry
                    .metrics()
                    .total(
                            Metric.BEFORE,
                            () -> hooks.total(outcome),
                            outcome.name().toLowerCase(Locale.ROOT));
        }
        return config.channels().stream().allMatch(rule -> rule.before() == null) ? null : hooks;
    }

    private Presence presence(Hub hub) {
        Presence presence =
                new Presence(channel -> config.rule(channel).presence(), LogClock.system());
        vertx.setPeriodic(Presence.BEAT_MS, timer -> presence.beat().forEach(hub::tell));
        telemetry.metrics().gauge(Metric.PRESENCE_MEMBERS, presence::members);
        return presence;
    }

    private Future<Revocations> openRevocations(Cluster cluster) {
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

    private Credentials credentials(
            Authenticator authenticator, Cluster cluster, Revocations revocations) {
        return new Credentials(
                authenticator,
                revocations,
                cluster.tickets(),
                new TokenCookie(config.auth().cookie()),
                login);
    }

    private Node node(Hub hub, Presence presence, Credentials credentials, Peers peers) {
        Config.Limits limits = config.limits();
        Metrics metrics = telemetry.metrics();
        serveBus(hub, credentials);
        return new Node(
                vertx,
                hub,
                presence,
                credentials,
                new AllSessions(liveSessions(credentials.revocations()), peers),
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
                        vertx, config.services().timeoutMs(), limits.message(), peers, metrics),
                new Verticles(vertx, config.verticles(), config.development()),
                config.development() ? Optional.of(new Faults()) : Optional.empty(),
                Protocols.of(config.protocols(), hub, peers),
                telemetry,
                new LoopMetrics(metrics),
                new Node.Settings(
                        config.http().heartbeatMs(),
                        config.http().batchIntervalMs(),
                        limits.frame(),
                        limits.message(),
                        limits.channelsPerConnection(),
                        limits.batchItems(),
                        limits.historyPage(),
                        config.auth().rules().maxLifeMs(),
                        config.development()));
    }

    private void serveBus(Hub hub, Credentials credentials) {
        BusContract.register(
                vertx,
                hub,
                new BusCallers(hub, credentials, config.limits().historyPage()),
                telemetry.refusals());
        ChannelConsumers.of(vertx)
                .ifPresent(
                        consumers -> {
                            consumers.listen(vertx, hub);
                            telemetry.metrics().total(Metric.BUS_DELIVERED, consumers::delivered);
                        });
    }

    /** Those whose token is revoked are ended. */
    private LiveSessions liveSessions(Revocations revocations) {
        LiveSessions sessions = new LiveSessions(new TransportSwitches(telemetry.metrics()));
        revocations.listen(
                revocation -> {
                    Predicate<Session> which = session -> revocation.concerns(session.principal());
                    sessions.end(which, Closing.REVOKED)
                            .onSuccess(
                                    ended -> LOG.info("revoked: {} connections are ended", ended));
                });
        return sessions;
    }
}
