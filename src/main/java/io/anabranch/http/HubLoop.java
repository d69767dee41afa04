package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.stream.Fanout;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One event loop's HTTP server and fan-out. */
final class HubLoop extends VerticleBase {
    static final int MAX_URL_BYTES = 8 * 1024;
    static final int MAX_HEADERS_BYTES = 16 * 1024;

    private final Node node;
    private final Config.Http http;
    private final int port;
    private @Nullable Sessions sessions;
    private @Nullable HttpServer server;

    HubLoop(Node node, Config.Http http, int port) {
        this.node = node;
        this.http = http;
        this.port = port;
    }

    @Override
    public Future<?> start() {
        Fanout fanout = new Fanout(vertx, node.hub(), http.heartbeatMs());
        Sessions own =
                new Sessions(vertx, node.credentials().revocations(), node.sessions()::nextNumber);
        node.sessions().add(own);
        sessions = own;
        node.loops().add(fanout.counts());
        HttpServer listening =
                vertx.createHttpServer(options(http, port, node.settings().maxFrameBytes()));
        server = listening;
        return listening
                .requestHandler(new Routes(node, fanout, own, http.origins()).router())
                .invalidRequestHandler(new InvalidRequests(node.telemetry().refusals()))
                .listen();
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

    /**
     * How each loop's server takes connections.
     *
     * @param maxFrameBytes a client's WebSocket message, in bytes
     */
    static HttpServerOptions options(Config.Http http, int port, int maxFrameBytes) {
        HttpServerOptions options =
                new HttpServerOptions()
                        .setHost(http.host())
                        .setPort(port)
                        .setTcpNoDelay(true)
                        .setStrictThreadMode(true)
                        .setMaxInitialLineLength(MAX_URL_BYTES)
                        .setMaxHeaderSize(MAX_HEADERS_BYTES)
                        .setPerFrameWebSocketCompressionSupported(false)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setMaxWebSocketFrameSize(maxFrameBytes)
                        .setMaxWebSocketMessageSize(maxFrameBytes)
                        .addWebSocketSubProtocol(Subprotocols.ANABRANCH_V1);
        Config.Tls tls = http.tls();
        if (tls != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(
                            new PemKeyCertOptions()
                                    .setCertPath(tls.cert().toString())
                                    .setKeyPath(tls.key().toString()));
        }
        return options;
    }
}
