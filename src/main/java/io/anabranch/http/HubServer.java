package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.message.Refusal;
import io.anabranch.metrics.Telemetry;
import io.anabranch.polyglot.ChannelConsumers;
import io.anabranch.polyglot.VerticleState;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.metrics.MetricsOptions;
import io.vertx.core.transport.Transport;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A hub of its own: the log, an HTTP server on each event loop, and the verticles. */
public final class HubServer {
    private static final Logger LOG = LoggerFactory.getLogger(HubServer.class);

    private final HubCore core;
    private final int port;
    private final int managementPort;

    private HubServer(HubCore core, int port, int managementPort) {
        this.core = core;
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
        start(config, vertx, loops)
                .onSuccess(started::complete)
                .onFailure(failure -> end(vertx).onComplete(unused -> started.tryFail(failure)));
        return started.future();
    }

    private static Future<HubServer> start(Config config, Vertx vertx, int loops) {
        Telemetry telemetry = Telemetry.create();
        vertx.exceptionHandler(telemetry.refusals()::uncaught);
        return HubCore.open(config, vertx, null, telemetry)
                .compose(
                        core ->
                                listen(core, config, loops)
                                        .recover(
                                                failure ->
                                                        core.close()
                                                                .transform(
                                                                        unused ->
                                                                                Future.failedFuture(
                                                                                        failure))));
    }

    private static Future<HubServer> listen(HubCore core, Config config, int loops) {
        return listenForClients(core, config, loops)
                .compose(
                        port ->
                                listenForOperators(core, config)
                                        .map(management -> new HubServer(core, port, management)))
                .compose(server -> core.deployVerticles().map(server));
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

    /** Fails with a {@link Refusal} where the port cannot be had. */
    private static Future<Integer> listenForOperators(HubCore core, Config config) {
        ManagementLoop management = new ManagementLoop(core.node(), core.loops(), config);
        return core.node().vertx().deployVerticle(management).map(unused -> management.port());
    }

    /** All loops listen on one port; Vert.x spreads the connections over them. */
    private static Future<Integer> listenForClients(HubCore core, Config config, int loops) {
        return certificate(core.node().vertx(), config.http().tls())
                .compose(certificate -> listen(core, config, loops, certificate));
    }

    private static Future<Integer> listen(
            HubCore core, Config config, int loops, Optional<Certificate> certificate) {
        Vertx vertx = core.node().vertx();
        HubLoop first = loop(core, config, certificate);
        Future<?> deployed = vertx.deployVerticle(first);
        for (int i = 1; i < loops; i++) {
            HubLoop another = loop(core, config, certificate);
            deployed = deployed.compose(unused -> vertx.deployVerticle(another));
        }
        Config.Tls tls = config.http().tls();
        if (tls == null || certificate.isEmpty()) {
            return deployed.map(unused -> first.port());
        }
        var watch = new CertificateWatch(tls, certificate.get(), first::show);
        return deployed.compose(unused -> vertx.deployVerticle(watch)).map(unused -> first.port());
    }

    private static HubLoop loop(HubCore core, Config config, Optional<Certificate> certificate) {
        return new HubLoop(core.node(), core.loops(), config.http(), config.limits(), certificate);
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
        return core.node().verticles().states();
    }

    /** Stops listening, ends all connections, takes leave of other hubs and closes the log. */
    public Future<Void> close() {
        return end(core.node().vertx()).compose(unused -> core.close());
    }

    /** Closes Vert.x from outside of its event loops, which could not tell of it afterwards. */
    private static Future<Void> end(Vertx vertx) {
        Promise<Void> ended = Promise.promise();
        new Thread(() -> vertx.close().onComplete(ended), "anabranch-close").start();
        return ended.future();
    }
}
