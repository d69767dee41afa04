package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.stream.TextFrames;
import io.anabranch.transport.DirectSink;
import io.anabranch.transport.Upgrade;
import io.anabranch.transport.WebSocket;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Sends back each WebSocket message, by the hub's own server options, frame reader and sink. */
final class EchoServer implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final int maxBytes;
    private final boolean deflates;
    private final HttpServer server;

    /**
     * @param maxBytes how large a message may be
     */
    EchoServer(int maxBytes) throws Exception {
        this(maxBytes, false);
    }

    /**
     * @param deflates whether permessage-deflate is spoken
     */
    EchoServer(int maxBytes, boolean deflates) throws Exception {
        this.maxBytes = maxBytes;
        this.deflates = deflates;
        Config.Http http =
                new Config.Http(
                        "127.0.0.1",
                        0,
                        List.of(),
                        List.of(),
                        null,
                        15_000,
                        0,
                        1_000,
                        1,
                        "auto",
                        deflates);
        var limits =
                new Config.Limits(
                        maxBytes, maxBytes, 8_192, 8_192, 1, 1, 1, 1, 1, 1, 1, 1, 9_000, 9_000,
                        9_000);
        server =
                vertx.createHttpServer(HubLoop.config(http, limits))
                        .requestHandler(this::upgrade)
                        .listen()
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
    }

    int port() {
        return server.actualPort();
    }

    private void upgrade(HttpServerRequest request) {
        (deflates ? Upgrade.deflating(request, maxBytes) : Upgrade.of(request))
                .onSuccess(socket -> echo(request, socket));
    }

    private void echo(HttpServerRequest request, WebSocket socket) {
        DirectSink sink = DirectSink.ofWebSocket(request, () -> {});
        socket.read(maxBytes, new Echo(sink));
        socket.resume();
    }

    private record Echo(DirectSink sink) implements WebSocket.Receiver {
        @Override
        public void onText(byte[] utf8) {
            sink.write(TextFrames.of(utf8));
            sink.flush();
        }

        @Override
        public void onBinary(byte[] bytes) {
            sink.write(TextFrames.ofBinary(bytes));
            sink.flush();
        }

        @Override
        public void onReadComplete() {}

        @Override
        public void onPong() {
            // Nobody asks.
        }

        @Override
        public void onClosed() {
            // Nothing is held.
        }

        @Override
        public void onBroken(boolean tooLarge) {
            // Nothing is on its way but what Autobahn has asked for.
        }
    }

    @Override
    public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
