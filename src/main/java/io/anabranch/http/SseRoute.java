package io.anabranch.http;

import io.anabranch.adapter.StreamRequest;
import io.anabranch.auth.Principal;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.stream.Encoding.Form;
import io.anabranch.stream.View;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** {@code GET /sse}: messages as an event stream (protocol, section 3; WHATWG HTML §9.2). */
final class SseRoute implements Handler<RoutingContext> {
    private final Node node;
    private final Loops loops;

    SseRoute(Node node, Loops loops) {
        this.node = node;
        this.loops = loops;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        SubscribeRequest subscribe;
        try {
            requireEventStream(request.getHeader("Accept"));
            subscribe =
                    SubscribeRequest.parse(
                            context.queryParams(),
                            request.getHeader("Last-Event-ID"),
                            node.settings().maxChannels());
            if (subscribe.channels().isEmpty()) {
                throw Refusal.badRequest("channel: missing (expected: one or more ?channel=)");
            }
        } catch (Refusal refusal) {
            Problem.answer(context, refusal);
            return;
        }
        node.credentials()
                .of(context, subscribe.ticket())
                .compose(principal -> admit(principal, subscribe))
                .compose(principal -> open(context, principal, subscribe))
                .onFailure(failure -> Problem.answer(context, failure));
    }

    private static void requireEventStream(@Nullable String accept) {
        if (accept == null
                || accept.contains("text/event-stream")
                || accept.contains("text/*")
                || accept.contains("*/*")) {
            return;
        }
        throw new Refusal(
                Reason.NOT_ACCEPTABLE,
                "Accept: " + Refusal.shown(accept) + " (expected: text/event-stream)");
    }

    private static Future<Principal> admit(Principal principal, SubscribeRequest subscribe) {
        Access.requireSubscribe(principal, subscribe.channels());
        return Future.succeededFuture(principal);
    }

    private Future<Void> open(
            RoutingContext context, Principal principal, SubscribeRequest subscribe) {
        var request =
                new StreamRequest(
                        subscribe.channels(),
                        subscribe.start(),
                        subscribe.conflateMs(),
                        subscribe.envelope() ? Form.ENVELOPE : Form.PLAIN,
                        View.ALL,
                        subscribe.client(),
                        StreamRequest.Listener.NONE);
        return EventStream.open(node, loops.here(), context, principal, request);
    }
}
