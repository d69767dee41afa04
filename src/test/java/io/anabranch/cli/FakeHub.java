package io.anabranch.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers each request with the next of its answers, and keeps what it was asked. */
final class FakeHub implements AutoCloseable {
    record Asked(String method, String uri, String token, String lastEventId, String body) {}

    record Answer(int status, String contentType, String body, boolean cut) {}

    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    FakeHub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    FakeHub answers(int status, String contentType, String body) {
        answers.add(new Answer(status, contentType, body, false));
        return this;
    }

    FakeHub streams(String body) {
        return answers(200, "text/event-stream", body);
    }

    /** A stream that is broken off, and not ended. */
    FakeHub streamsAndBreaksOff(String body) {
        answers.add(new Answer(200, "text/event-stream", body, true));
        return this;
    }

    /** A stream that says nothing more, and stays open. */
    FakeHub streamsAndFallsSilent(String body) {
        answers.add(new Answer(-200, "text/event-stream", body, true));
        return this;
    }

    List<Asked> asked() {
        return asked;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(
                new Asked(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        exchange.getRequestHeaders().getFirst("Authorization"),
                        exchange.getRequestHeaders().getFirst("Last-Event-ID"),
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
        Answer answer = answers.isEmpty() ? new Answer(204, "", "", false) : answers.remove();
        byte[] body = answer.body().getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.contentType());
        if (answer.status() == 204) {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
            return;
        }
        exchange.sendResponseHeaders(
                Math.abs(answer.status()), answer.cut() ? 1 << 20 : body.length);
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().flush();
        if (answer.status() > 0) {
            exchange.close();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
