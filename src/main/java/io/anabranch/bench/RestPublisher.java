package io.anabranch.bench;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/** Publishes by {@code POST /channels/{channel}/messages}, one at a time. */
final class RestPublisher extends Publisher {
    private final HttpClient http;
    private final Target target;
    private final Settings settings;
    private final Payload payload;
    private boolean busy;

    RestPublisher(
            Answers answers, HttpClient http, Target target, Settings settings, Payload payload) {
        super(answers);
        this.http = http;
        this.target = target;
        this.settings = settings;
        this.payload = payload;
    }

    @Override
    boolean isReady() {
        return !busy;
    }

    @Override
    void send(Outgoing message) {
        busy = true;
        post(message)
                .compose(response -> response.body().map(body -> answer(message, response, body)))
                .otherwise(failure -> () -> failed(String.valueOf(failure)))
                .onSuccess(
                        answered -> {
                            busy = false;
                            answered.run();
                            sendDue();
                        });
    }

    private Future<HttpClientResponse> post(Outgoing message) {
        String channel = Target.encoded(settings.channel(message.channel()));
        String path = target.path("/api/v1/channels/" + channel + "/messages");
        return http.request(HttpMethod.POST, target.port(), target.host(), path)
                .compose(
                        request ->
                                request.putHeader("Authorization", target.bearer())
                                        .putHeader("Content-Type", "application/json")
                                        .send(Buffer.buffer(payload.utf8(message))));
    }

    private Runnable answer(Outgoing message, HttpClientResponse response, Buffer body) {
        try {
            JsonObject json = body.toJsonObject();
            return response.statusCode() < 300
                    ? () -> accepted(message, json.getString("id", ""))
                    : () -> refused(response.statusCode(), json.getString("detail", ""));
        } catch (DecodeException | ClassCastException e) {
            return () -> refused(response.statusCode(), response.statusMessage());
        }
    }

    @Override
    void flush() {}

    @Override
    void end() {}
}
