package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.metrics.Refusals;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Answers what is no HTTP request, and closes the connection (RFC 9112 §2.2). */
final class InvalidRequests implements Handler<HttpServerRequest> {
    private final Refusals refusals;
    private final Config.Limits limits;

    InvalidRequests(Refusals refusals, Config.Limits limits) {
        this.refusals = refusals;
        this.limits = limits;
    }

    @Override
    public void handle(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Refusal refusal = refusal(cause);
        refusals.refused(
                Refusals.Of.REQUEST,
                refusal,
                new Refusals.Asker(null, null, request.remoteAddress().hostAddress(), null));
        SafeHeaders.put(request);
        Problem.answer(request.response(), refusal);
        request.connection().close();
    }

    private Refusal refusal(@Nullable Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Refusal.overLimit(
                    Reason.BAD_REQUEST, Limit.URL, "URL: too long", limits.url() + " bytes");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Refusal.overLimit(
                    Reason.BAD_REQUEST,
                    Limit.HEADERS,
                    "headers: too long",
                    limits.headers() + " bytes");
        }
        return Refusal.badRequest("malformed HTTP request (expected: HTTP/1.1, RFC 9112)");
    }
}
