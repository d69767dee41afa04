package io.anabranch.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** All connections that publish, on event loops apart from the readers'. */
final class Publishers implements AutoCloseable {
    private static final long SEND_MS = 10_000;
    private static final long CLOSE_MS = 5_000;

    /** How long the hub has to answer what was sent. */
    static final long ANSWER_MS = 10_000;

    private final Vertx vertx;
    private final List<Publisher> all = new ArrayList<>();

    Publishers(Target target, Settings settings, Payload payload, Answers answers) {
        int loops = Math.min(settings.publishers(), settings.threads());
        vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(loops)
                                .setPreferNativeTransport(true));
        HttpClient http =
                vertx.createHttpClient(
                        new HttpClientOptions().setSsl(target.tls()),
                        new PoolOptions().setHttp1MaxSize(settings.publishers()));
        WebSocketClient webSockets =
                vertx.createWebSocketClient(
                        new WebSocketClientOptions().setMaxConnections(settings.publishers()));
        for (int i = 0; i < settings.publishers(); i++) {
            all.add(
                    switch (settings.publish()) {
                        case REST -> new RestPublisher(answers, http, target, settings, payload);
                        case NDJSON ->
                                new NdjsonPublisher(answers, http, target, settings, payload);
                        case WEBSOCKET ->
                                new WebSocketPublisher(
                                        answers, webSockets, target, settings, payload);
                    });
        }
    }

    List<Publisher> all() {
        return all;
    }

    /**
     * Connects them, and blocks until they are.
     *
     * @throws BenchException when one cannot
     */
    void open() {
        try {
            Future.all(all.stream().map(vertx::deployVerticle).toList())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw new BenchException("no publisher could connect: " + e.getCause());
        }
    }

    /**
     * Blocks until all that was offered is sent and answered. What is not sent in time is given up.
     *
     * @return whether all that was sent was answered
     */
    boolean finish() {
        Future<?> finished = Future.all(all.stream().map(Publisher::finish).toList());
        if (await(finished, SEND_MS)) {
            return true;
        }
        all.forEach(Publisher::abandon);
        return await(finished, ANSWER_MS);
    }

    @Override
    public void close() {
        boolean unused = await(vertx.close(), CLOSE_MS);
    }

    private static boolean await(Future<?> future, long withinMs) {
        try {
            future.await(withinMs, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }
}
