package io.anabranch.http;

import io.anabranch.message.Refusal;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;

/** Answers what is no HTTP request, and closes the connection (RFC 9112 §2.2). */
final class InvalidRequests implements Handler<HttpServerRequest> {
    @Override
    public void handle(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        String text = "malformed HTTP request (expected: HTTP/1.1, RFC 9112)";
        if (cause instanceof TooLongHttpLineException) {
            text = "URL: too long (expected: at most " + HubLoop.MAX_URL_BYTES + " bytes)";
        } else if (cause instanceof TooLongHttpHeaderException) {
            text = "headers: too long (expected: at most " + HubLoop.MAX_HEADERS_BYTES + " bytes)";
        }
        SafeHeaders.put(request);
        Problem.answer(request.response(), Refusal.badRequest(text));
        request.connection().close();
    }
}
