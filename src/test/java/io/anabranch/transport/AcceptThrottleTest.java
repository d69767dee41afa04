package io.anabranch.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.TcpTable;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcceptThrottleTest {
    private static final int CROWD = 1_000;

    /** What it lets pass, and what the acceptor takes in one turn. */
    private static final int MOST_ACCEPTED = 256 + 16;

    private static final String GET = "GET %s HTTP/1.1\r\nHost: a\r\n\r\n";

    private final Vertx vertx =
            Vertx.vertx(
                    new VertxOptions()
                            .setEventLoopPoolSize(1)
                            .setMaxEventLoopExecuteTime(1)
                            .setMaxEventLoopExecuteTimeUnit(TimeUnit.MINUTES));
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final List<Socket> sockets = new ArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        server =
                vertx.createHttpServer()
                        .connectionHandler(AcceptThrottle::watch)
                        .requestHandler(this::answer)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
        answered(open(GET.formatted("/")));
    }

    @AfterEach
    void stop() throws Exception {
        goOn.countDown();
        for (Socket socket : sockets) {
            socket.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private void answer(HttpServerRequest request) {
        if (request.path().equals("/block")) {
            blocked.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        request.response().end("done");
    }

    @Test
    void whoComesWhileTheLoopIsBusyWaitsInTheBacklogAndIsServedThen() throws Exception {
        open(GET.formatted("/block"));
        blocked.await();
        for (int i = 0; i < CROWD; i++) {
            open(GET.formatted("/"));
        }
        await().until(() -> accepted() >= 256);
        assertThat(accepted()).isBetween(256L, (long) MOST_ACCEPTED);
        goOn.countDown();
        for (Socket socket : sockets.subList(1, sockets.size())) {
            answered(socket);
        }
    }

    @Test
    void whoSaysNothingHoldsNobodyUp() throws Exception {
        for (int i = 0; i < CROWD; i++) {
            open("");
        }
        await().until(() -> accepted() >= CROWD);
        answered(open(GET.formatted("/")));
    }

    private Socket open(String request) throws IOException {
        Socket socket = new Socket("127.0.0.1", server.actualPort());
        sockets.add(socket);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        return socket;
    }

    private static void answered(Socket socket) throws IOException {
        byte[] status = socket.getInputStream().readNBytes(12);
        assertThat(new String(status, US_ASCII)).isEqualTo("HTTP/1.1 200");
    }

    /** Beside the first one. */
    private long accepted() throws IOException {
        return TcpTable.accepted(server.actualPort()) - 1;
    }
}
