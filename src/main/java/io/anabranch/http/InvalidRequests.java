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
        String text = "malformed HTTP request";
        if (cause instanceof TooLongHttpLineException) {
            text = "the URL is too long";
        } else if (cause instanceof TooLongHttpHeaderException) {
            text = "the headers are too long";
        }
        Problem.answer(request.response(), Refusal.badRequest(text));
        request.connection().close();
    }
}
