package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.message.Limit;
import io.anabranch.metrics.Refusals;
import io.anabranch.transport.AcceptThrottle;
import io.anabranch.transport.RequestDeadlines;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One event loop's HTTP server and fan-out. */
final class HubLoop extends VerticleBase {
    private static final long IDLE_LATER_MS = 1_000;

    /** As much as Netty reads at once: so that what has come whole is not cut. */
    private static final int READ_BYTES = 65_536;

    private final Node node;
    private final Loops loops;
    private final Config.Http http;
    private final Config.Limits limits;
    private final Optional<Certificate> certificate;
    private @Nullable Sessions sessions;
    private @Nullable HttpServer server;

    /**
     * @param certificate what {@code http.tls} names, if it names one
     */
    HubLoop(
            Node node,
            Loops loops,
            Config.Http http,
            Config.Limits limits,
            Optional<Certificate> certificate) {
        this.node = node;
        this.loops = loops;
        this.http = http;
        this.limits = limits;
        this.certificate = certificate;
    }

    @Override
    public Future<?> start() {
        sessions = loops.here().sessions();
        HttpServer listening =
                vertx.createHttpServer(
                        config(http, limits), certificate.map(Certificate::options).orElse(null));
        server = listening;
        listening
                .requestHandler(new Routes(node, loops, http).router())
                .invalidRequestHandler(new InvalidRequests(node.telemetry().refusals(), limits))
                .connectionHandler(this::watch);
        // All loops share one port, be it any.
        return http.port() == 0
                ? listening.listen(SocketAddress.sharedRandomPort(1, http.host()))
                : listening.listen();
    }

    /**
     * Takes no more connections, ends those of subscribers, and lets requests come to their end.
     */
    @Override
    public Future<?> stop() {
        Future<?> told =
                sessions == null ? Future.succeededFuture() : sessions.endAll(http.drainMs());
        Future<?> shut =
                server == null
                        ? Future.succeededFuture()
                        : server.shutdown(http.drainMs(), TimeUnit.MILLISECONDS);
        return Future.join(told, shut);
    }

    /** Where it listens, once it is deployed. */
    int port() {
        return server == null ? http.port() : server.actualPort();
    }

    /** Shows another certificate to new connections, of all loops that share the port. */
    Future<?> show(Certificate certificate) {
        return server == null
                ? Future.failedFuture("not listening")
                : server.updateSSLOptions(certificate.options());
    }

    private void watch(HttpConnection connection) {
        AcceptThrottle.watch(connection);
        var times =
                new RequestDeadlines.Times(
                        limits.headersTime(), limits.bodyTime(), limits.idleTime());
        RequestDeadlines.watch(connection, times, this::cutOff);
    }

    private void cutOff(RequestDeadlines.Late late, String address) {
        Refusals refusals = node.telemetry().refusals();
        switch (late) {
            case HEAD -> refusals.cutOff(Limit.HEADERS_TIME, "headers took too long", address);
            case BODY -> refusals.cutOff(Limit.BODY_TIME, "a body took too long", address);
            case NEXT_REQUEST -> {} // As every kept connection ends.
        }
    }

    /** How each loop's server takes connections. */
    static HttpServerConfig config(Config.Http http, Config.Limits limits) {
        HttpServerOptions options =
                new HttpServerOptions()
                        .setHost(http.host())
                        .setPort(http.port())
                        .setTcpNoDelay(true)
                        .setStrictThreadMode(true)
                        .setMaxInitialLineLength(limits.url())
                        .setMaxHeaderSize(limits.headers())
                        .setMaxChunkSize(READ_BYTES)
                        .setPerFrameWebSocketCompressionSupported(false)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setMaxWebSocketFrameSize(limits.frame())
                        .setMaxWebSocketMessageSize(limits.frame());
        Config.Tls tls = http.tls();
        options.setSsl(tls != null).setUseAlpn(tls != null);
        HttpServerConfig config = new HttpServerConfig(options);
        // Until the first connection has led to RequestDeadlines, which are to be the first to see.
        long lateMs = limits.headersTime() + IDLE_LATER_MS;
        config.getTcpConfig().setIdleTimeout(Duration.ofMillis(lateMs));
        if (tls != null && tls.http3()) {
            addHttp3(config, http);
        }
        return config;
    }

    private static void addHttp3(HttpServerConfig config, Config.Http http) {
        Set<HttpVersion> versions = EnumSet.copyOf(config.getVersions());
        versions.add(HttpVersion.HTTP_3);
        config.setVersions(versions).setQuicHost(http.host()).setQuicPort(http.port());
        config.getQuicConfig()
                .setLoadBalanced(true)
                .getTransportConfig()
                .setMaxIdleTimeout(Duration.ofMillis(2L * http.heartbeatMs()));
    }
}
