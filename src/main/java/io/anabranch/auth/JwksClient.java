package io.anabranch.auth;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/**
 * Reads an issuer's keys, bounded in time and size. Redirections are not followed: they could lead
 * to where nobody was told to trust.
 */
final class JwksClient {
    static final int MAX_BYTES = 256 * 1024;
    static final int TIMEOUT_MS = 10_000;

    private final Vertx vertx;
    private final HttpClient http;
    private final URI url;
    private final int timeoutMs;

    /**
     * @param timeoutMs for the connection, and again for the whole answer, in ms
     */
    JwksClient(Vertx vertx, URI url, int timeoutMs) {
        this.vertx = vertx;
        this.url = url;
        this.timeoutMs = timeoutMs;
        this.http =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setConnectTimeout(timeoutMs)
                                .setSslHandshakeTimeout(timeoutMs)
                                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                                .setKeepAlive(false));
    }

    /** The body of a 200; fails for any other answer. */
    Future<Buffer> get() {
        RequestOptions options =
                new RequestOptions()
                        .setAbsoluteURI(url.toString())
                        .setFollowRedirects(false)
                        .putHeader("Accept", "application/jwk-set+json, application/json");
        return http.request(options).compose(this::send);
    }

    private Future<Buffer> send(HttpClientRequest request) {
        Promise<Buffer> body = Promise.promise();
        long timer =
                vertx.setTimer(
                        timeoutMs,
                        unused ->
                                body.tryFail(
                                        new KeyException("no answer in " + timeoutMs + " ms")));
        request.send().onSuccess(response -> read(response, body)).onFailure(body::tryFail);
        return body.future()
                .onFailure(failure -> request.reset())
                .onComplete(unused -> vertx.cancelTimer(timer));
    }

    private static void read(HttpClientResponse response, Promise<Buffer> body) {
        response.exceptionHandler(body::tryFail);
        if (response.statusCode() != 200) {
            body.tryFail(new KeyException("status " + response.statusCode() + " (expected: 200)"));
            return;
        }
        Buffer read = Buffer.buffer();
        response.handler(
                        chunk -> {
                            if (read.length() + chunk.length() > MAX_BYTES) {
                                body.tryFail(
                                        new KeyException(
                                                "too long (expected: at most "
                                                        + MAX_BYTES
                                                        + " bytes)"));
                            } else {
                                read.appendBuffer(chunk);
                            }
                        })
                .endHandler(unused -> body.tryComplete(read));
    }
}
