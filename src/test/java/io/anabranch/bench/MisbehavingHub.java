package io.anabranch.bench;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Accepts messages by REST and delivers them over WebSocket, but not as it should. */
final class MisbehavingHub implements AutoCloseable {
    /** Writes what becomes of a message; called in order, on one thread. */
    interface Delivery {
        void deliver(long seq, String frame, ServerWebSocket to);
    }

    private final Vertx vertx = Vertx.vertx();
    private final List<ServerWebSocket> sockets = new ArrayList<>();
    private final Delivery delivery;
    private final HttpServer server;
    private long seq;

    MisbehavingHub(Delivery delivery) throws Exception {
        this.delivery = delivery;
        server =
                vertx.createHttpServer()
                        .webSocketHandler(
                                socket -> {
                                    socket.writeTextMessage("{\"type\":\"ready\"}");
                                    sockets.add(socket);
                                })
                        .requestHandler(this::publish)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.actualPort());
    }

    private void publish(HttpServerRequest request) {
        request.body()
                .onSuccess(
                        data -> {
                            seq++;
                            String prev = seq == 1 ? "" : ",\"prev\":\"abcd-" + (seq - 1) + "\"";
                            String frame =
                                    "{\"type\":\"message\",\"id\":\"abcd-"
                                            + seq
                                            + "\""
                                            + prev
                                            + ",\"channel\":\"bench:0\",\"data\":"
                                            + data
                                            + ",\"time\":1}";
                            sockets.forEach(socket -> delivery.deliver(seq, frame, socket));
                            request.response()
                                    .setStatusCode(201)
                                    .end("{\"id\":\"abcd-" + seq + "\"}");
                        });
    }

    @Override
    public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
