package io.anabranch.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.stream.TextFrames;
import io.anabranch.testing.RawWebSocket;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Straight to the socket or by Netty: what arrives is what was written, in that order. */
class DirectSinkTest {
    private record Connection(Context context, WebSocket socket, DirectSink sink) {
        <T> T onLoop(Callable<T> task) throws Exception {
            CompletableFuture<T> result = new CompletableFuture<>();
            context.runOnContext(
                    unused -> {
                        try {
                            result.complete(task.call());
                        } catch (Exception e) {
                            result.completeExceptionally(e);
                        }
                    });
            return result.get(10, TimeUnit.SECONDS);
        }
    }

    private Vertx vertx;
    private RawWebSocket client;
    private Connection connection;

    static Stream<Transport> transports() {
        return Stream.of(Transport.NIO, Transport.EPOLL, Transport.IO_URING)
                .filter(Objects::nonNull)
                .filter(Transport::available);
    }

    private void connect(Transport transport) throws Exception {
        vertx = Vertx.builder().withTransport(transport).build();
        CompletableFuture<Connection> opened = new CompletableFuture<>();
        HttpServer server =
                vertx.createHttpServer()
                        .requestHandler(request -> open(request).onSuccess(opened::complete));
        server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get();
        client = new RawWebSocket(server.actualPort(), "/", "Sec-WebSocket-Version: 13");
        connection = opened.get(10, TimeUnit.SECONDS);
    }

    private Future<Connection> open(HttpServerRequest request) {
        return Upgrade.of(request)
                .map(
                        socket ->
                                new Connection(
                                        vertx.getOrCreateContext(),
                                        socket,
                                        DirectSink.ofWebSocket(request, () -> {})));
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static ByteBuf frame(int number, int bytes) {
        return TextFrames.of(("%" + bytes + "d").formatted(number).getBytes(US_ASCII));
    }

    private String nextText() throws Exception {
        return client.next().orElseThrow().text().strip();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void severalWritesOfATurnArriveInOrder(Transport transport) throws Exception {
        connect(transport);
        connection.onLoop(
                () -> {
                    for (int turn = 0; turn < 3; turn++) {
                        connection.sink().write(frame(turn, 1));
                        connection.sink().flush();
                        connection.sink().write(frame(turn, 2));
                        connection.sink().write(frame(turn, 3));
                        connection.sink().flush();
                    }
                    return null;
                });
        for (int turn = 0; turn < 3; turn++) {
            assertThat(List.of(nextText(), nextText(), nextText())).containsOnly("" + turn);
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatOthersWriteComesAfterWhatWaits(Transport transport) throws Exception {
        connect(transport);
        connection.onLoop(
                () -> {
                    connection.sink().write(frame(1, 1));
                    connection.socket().ping();
                    connection.sink().write(frame(2, 1));
                    connection.sink().flush();
                    return null;
                });
        assertThat(nextText()).isEqualTo("1");
        assertThat(client.next().orElseThrow().opcode()).isEqualTo(RawWebSocket.PING);
        assertThat(nextText()).isEqualTo("2");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aReaderThatStopsGetsAllLater(Transport transport) throws Exception {
        connect(transport);
        List<Integer> written = new ArrayList<>();
        boolean full = false;
        while (!full) {
            full =
                    connection.onLoop(
                            () -> {
                                written.add(written.size());
                                connection.sink().write(frame(written.size() - 1, 20_000));
                                connection.sink().flush();
                                return !connection.sink().isWritable();
                            });
            assertThat(written).hasSizeLessThan(10_000);
        }
        // The socket has room again before Netty hears of it: nothing overtakes what Netty holds.
        int kept = Math.min(3, written.size());
        CompletableFuture<Void> drained = new CompletableFuture<>();
        connection
                .context()
                .runOnContext(
                        unused -> {
                            drained.join();
                            connection.sink().write(frame(written.size(), 1));
                            connection.sink().flush();
                        });
        for (int i = 0; i < written.size() - kept; i++) {
            assertThat(nextText()).isEqualTo("" + i);
        }
        drained.complete(null);
        for (int i = written.size() - kept; i <= written.size(); i++) {
            assertThat(nextText()).isEqualTo("" + i);
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatIsWrittenAfterTheEndIsLetGo(Transport transport) throws Exception {
        connect(transport);
        ByteBuf waiting = frame(1, 1);
        ByteBuf late = frame(2, 1);
        connection.onLoop(
                () -> {
                    connection.sink().write(waiting);
                    connection.sink().cut();
                    connection.sink().flush();
                    connection.sink().write(late);
                    connection.sink().flush();
                    return null;
                });
        assertThat(waiting.refCnt()).isZero();
        assertThat(late.refCnt()).isZero();
        assertThat(connection.onLoop(() -> connection.sink().isWritable())).isFalse();
    }
}
