package io.anabranch.bench;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.core.parsetools.JsonParser;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Publishes by one {@code POST /messages} that goes on for the whole run. */
final class NdjsonPublisher extends Publisher {
    private final HttpClient http;
    private final Target target;
    private final Settings settings;
    private final Payload payload;
    private final Queue<Outgoing> unanswered = new ArrayDeque<>();
    private @Nullable HttpClientRequest request;
    private Buffer lines = Buffer.buffer();
    private String broken = "";

    NdjsonPublisher(
            Answers answers, HttpClient http, Target target, Settings settings, Payload payload) {
        super(answers);
        this.http = http;
        this.target = target;
        this.settings = settings;
        this.payload = payload;
    }

    @Override
    public Future<?> start() {
        String path = target.path("/api/v1/messages");
        return http.request(HttpMethod.POST, target.port(), target.host(), path)
                .onSuccess(
                        opened -> {
                            opened.setChunked(true)
                                    .putHeader("Authorization", target.bearer())
                                    .putHeader("Content-Type", "application/x-ndjson")
                                    .drainHandler(unused -> sendDue())
                                    .exceptionHandler(this::breakOff);
                            opened.response().onSuccess(this::read).onFailure(this::breakOff);
                            request = opened;
                        });
    }

    private void read(HttpClientResponse response) {
        response.exceptionHandler(this::breakOff);
        if (response.statusCode() != 200) {
            response.body().onSuccess(body -> breakOff(response.statusCode() + " " + body));
            return;
        }
        JsonParser results = JsonParser.newParser().objectValueMode();
        results.handler(
                event -> {
                    if (event.value() instanceof JsonObject result) {
                        answer(result);
                    }
                });
        results.exceptionHandler(this::breakOff);
        response.handler(results);
        response.endHandler(unused -> breakOff("the answer ended"));
    }

    private void answer(JsonObject result) {
        Outgoing message = unanswered.poll();
        if (message == null) {
            breakOff("more results than messages");
        } else if (result.containsKey("id")) {
            accepted(message, result.getString("id"));
        } else {
            refused(result.getInteger("status", 0), result.getString("message", ""));
        }
    }

    private void breakOff(Throwable cause) {
        breakOff(String.valueOf(cause));
    }

    private void breakOff(String why) {
        broken = why;
        while (unanswered.poll() != null) {
            failed(why);
        }
        sendDue();
    }

    @Override
    boolean isReady() {
        return !broken.isEmpty() || (request != null && !request.writeQueueFull());
    }

    @Override
    void send(Outgoing message) {
        if (!broken.isEmpty()) {
            failed(broken);
            return;
        }
        unanswered.add(message);
        lines.appendString("{\"channel\":\"")
                .appendString(settings.channel(message.channel()))
                .appendString("\",\"data\":")
                .appendBytes(payload.utf8(message))
                .appendString("}\n");
    }

    @Override
    void flush() {
        if (request != null && lines.length() > 0 && broken.isEmpty()) {
            request.write(lines).onFailure(this::breakOff);
            lines = Buffer.buffer();
        }
    }

    @Override
    void end() {
        if (request != null && broken.isEmpty()) {
            request.end();
        }
    }
}
