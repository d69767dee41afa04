package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.Refusal;
import io.anabranch.metrics.Refusals;
import io.anabranch.transport.Upgrade;
import io.anabranch.transport.WebSocket;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * {@code GET /ws}: the upgrade (RFC 6455 §4.2; protocol, section 4). A browser cannot read the
 * answer to an upgrade that was refused, so what is wrong with the query or the token is told by a
 * {@code close} frame and its code, after the upgrade. Who is not let in for their origin is no
 * page that should know.
 */
final class WebSocketRoute implements Handler<RoutingContext> {
    /**
     * The one of RFC 6455; Vert.x would speak older ones too, which the hub's frames are not of.
     */
    private static final String VERSION = "13";

    private final Node node;
    private final Loops loops;
    private final boolean deflates;

    /**
     * @param deflates whether permessage-deflate is spoken with whoever offers it
     */
    WebSocketRoute(Node node, Loops loops, boolean deflates) {
        this.node = node;
        this.loops = loops;
        this.deflates = deflates;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
            Problem.answer(
                    context,
                    Refusal.badRequest("not a WebSocket handshake (expected: an upgrade)"));
            return;
        }
        String version = request.getHeader(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
        if (!VERSION.equals(version)) {
            context.response().putHeader(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
            Problem.answer(
                    context,
                    new Refusal(
                            Refusal.Reason.UPGRADE_REQUIRED,
                            "Sec-WebSocket-Version: "
                                    + Refusal.shown(version)
                                    + " (expected: "
                                    + VERSION
                                    + ")"));
            return;
        }
        try {
            node.credentials().requireOwnPage(context);
        } catch (Refusal refusal) {
            Problem.answer(context, refusal);
            return;
        }
        request.pause();
        Future<Admission> admission = admit(context);
        admission
                .transform(
                        unused ->
                                isTooMuch(admission)
                                        ? Future.failedFuture(admission.cause())
                                        : upgrade(request))
                .onSuccess(socket -> open(context, socket, admission))
                .onFailure(failure -> refuse(context, admission, failure));
    }

    /** Who comes too often is told so before the upgrade, which would cost the hub more. */
    private static boolean isTooMuch(Future<Admission> admission) {
        return admission.failed()
                && admission.cause() instanceof Refusal refusal
                && refusal.reason() == Refusal.Reason.TOO_MANY_REQUESTS;
    }

    private static void refuse(
            RoutingContext context, Future<Admission> admission, Throwable failure) {
        if (admission.succeeded()) {
            admission.result().pass().giveBack();
        }
        context.request().resume();
        Problem.answer(context, isTooMuch(admission) ? failure : Problem.ofStatus(400));
    }

    private Future<WebSocket> upgrade(HttpServerRequest request) {
        if (Subprotocols.offered(request).contains(Subprotocols.ANABRANCH_V1)) {
            request.response()
                    .putHeader(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, Subprotocols.ANABRANCH_V1);
        }
        return deflates
                ? Upgrade.deflating(request, node.settings().maxFrameBytes())
                : Upgrade.of(request);
    }

    private Future<Admission> admit(RoutingContext context) {
        try {
            SubscribeRequest subscribe =
                    SubscribeRequest.parse(
                            context.queryParams(), null, node.settings().maxChannels());
            return node.credentials()
                    .of(context, subscribe.ticket())
                    .map(
                            principal -> {
                                Access.requireSubscribe(principal, subscribe.channels());
                                return new Admission(
                                        principal,
                                        subscribe,
                                        node.gate()
                                                .enter(principal.user(), Arrival.address(context)));
                            });
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private void open(RoutingContext context, WebSocket socket, Future<Admission> admission) {
        if (admission.failed()) {
            refuse(context, socket, admission.cause());
            return;
        }
        try {
            begin(context, socket, admission.result());
        } catch (RuntimeException | OutOfMemoryError e) {
            admission.result().pass().giveBack();
            refuse(context, socket, e);
        }
    }

    private static void refuse(RoutingContext context, WebSocket socket, Throwable reason) {
        Refusal refusal = Problem.of(reason);
        Arrival.refused(context, Refusals.Of.UPGRADE, refusal);
        Closing closing = Closing.refused(refusal);
        socket.send(closing.frame().encode());
        socket.close(closing.code(), closing.shortReason());
    }

    private void begin(RoutingContext context, WebSocket socket, Admission admitted) {
        new WebSocketSession(
                        node,
                        loops.here(),
                        context,
                        socket,
                        admitted.principal(),
                        admitted.pass(),
                        admitted.request().client())
                .start(admitted.request());
    }

    private record Admission(Principal principal, SubscribeRequest request, Gate.Pass pass) {}
}
