package io.anabranch.http;

import io.anabranch.message.Refusal;
import io.netty.channel.unix.Errors.NativeIoException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.nio.channels.ClosedChannelException;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a refusal as {@code application/problem+json} (RFC 9457; protocol, section 3). */
final class Problem {
    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
    private static final String RETRY_AFTER_SECONDS = "1";

    private Problem() {}

    /** What to tell a client of a failure: nothing of what went wrong inside. */
    static Refusal of(Throwable failure) {
        if (failure instanceof Refusal refusal) {
            return refusal;
        }
        if (failure instanceof HttpException http) {
            return ofStatus(http.getStatusCode());
        }
        if (isDisconnection(failure)) {
            return new Refusal(Refusal.Reason.UNAVAILABLE, "the client closed the connection");
        }
        LOG.error("a request failed", failure);
        return new Refusal(Refusal.Reason.INTERNAL, "the hub failed; its log says why");
    }

    private static boolean isDisconnection(Throwable failure) {
        return failure instanceof HttpClosedException
                || failure instanceof NativeIoException
                || failure instanceof ClosedChannelException;
    }

    /** A refusal that the web framework made, in words of ours. */
    static Refusal ofStatus(int status) {
        Refusal.Reason reason = Refusal.Reason.ofStatus(status);
        String text =
                switch (reason) {
                    case NOT_FOUND -> "no such route (see /openapi.yaml)";
                    case METHOD_NOT_ALLOWED -> "method not allowed here (see /openapi.yaml)";
                    case TOO_LARGE -> "the body is too large";
                    case BAD_REQUEST ->
                            "malformed request (expected: a URL in percent-encoded UTF-8)";
                    default -> reason.code();
                };
        return new Refusal(reason, text);
    }

    /** Answers, and has it counted; not where nobody is there any more to be answered. */
    static void answer(RoutingContext context, Throwable failure) {
        Refusal refusal = of(failure);
        if (!context.response().ended() && !context.response().closed()) {
            Arrival.refused(context, refusal);
        }
        answer(context.response(), refusal);
    }

    static void answer(HttpServerResponse response, Refusal refusal) {
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.headWritten()) {
            response.reset();
            return;
        }
        headers(refusal, response::putHeader);
        response.setStatusCode(refusal.status()).end(json(refusal).toBuffer());
    }

    /** What the headers of an answer with {@link #json} say. */
    static void headers(Refusal refusal, BiConsumer<String, String> put) {
        put.accept("Content-Type", "application/problem+json");
        put.accept("Cache-Control", "no-store");
        switch (refusal.reason()) {
            case UNAUTHORIZED -> put.accept("WWW-Authenticate", "Bearer");
            case TOO_MANY_REQUESTS, UNAVAILABLE -> put.accept("Retry-After", RETRY_AFTER_SECONDS);
            default -> {}
        }
    }

    static JsonObject json(Refusal refusal) {
        JsonObject json =
                new JsonObject()
                        .put("type", "about:blank")
                        .put("title", refusal.code().replace('_', ' '))
                        .put("status", refusal.status())
                        .put("code", refusal.code())
                        .put("detail", refusal.explanation())
                        .put("message", refusal.explanation());
        return refusal.channels().isEmpty()
                ? json
                : json.put("channels", new JsonArray(refusal.channels()));
    }
}
