package io.anabranch.http;

import io.anabranch.adapter.Connection;
import io.anabranch.adapter.Door;
import io.anabranch.adapter.StreamRequest;
import io.anabranch.auth.Principal;
import io.anabranch.auth.VerifiedToken;
import io.anabranch.hub.Hub;
import io.anabranch.log.Appended;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.metrics.Refusals;
import io.anabranch.stream.Sink;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the hub's own routes have, for other protocols. */
final class LoopDoor implements Door {
    private final Node node;
    private final Loops loops;

    LoopDoor(Node node, Loops loops) {
        this.node = node;
        this.loops = loops;
    }

    @Override
    public Future<VerifiedToken> identify(RoutingContext context, String cookie) {
        return node.credentials()
                .verified(context, new TokenCookie(cookie))
                .onSuccess(token -> context.put(Arrival.PRINCIPAL, token.principal()));
    }

    @Override
    public Future<Principal> identify(RoutingContext context) {
        return node.credentials().of(context, context.request().getParam("ticket"));
    }

    @Override
    public Future<Principal> identify(String token) {
        return node.credentials().ofToken(token);
    }

    @Override
    public Connection connect(
            RoutingContext context, Principal principal, Sink sink, Consumer<String> onEnd) {
        return new AdapterConnection(node, loops.here(), context, principal, sink, onEnd);
    }

    @Override
    public Refusal refused(RoutingContext context, Throwable failure) {
        Refusal refusal = Problem.of(failure);
        Arrival.refused(context, Refusals.Of.FRAME, refusal);
        return refusal;
    }

    @Override
    public Future<Appended> publish(
            RoutingContext context,
            Principal principal,
            Channel channel,
            @Nullable String event,
            JsonValue data) {
        var sender = new Publisher.Sender(principal, Arrival.address(context), null);
        return OnLoop.onLoop(node.publisher().publish(sender, channel, event, data, null));
    }

    @Override
    public Future<Void> stream(RoutingContext context, Principal principal, StreamRequest request) {
        return EventStream.open(node, loops.here(), context, principal, request);
    }

    @Override
    public void refuse(RoutingContext context, Throwable failure) {
        Problem.answer(context, failure);
    }

    @Override
    public <T> Future<T> onLoop(Future<T> future) {
        return OnLoop.onLoop(future);
    }

    @Override
    public Future<List<List<JsonObject>>> askOthers(String topic) {
        return OnLoop.onLoop(node.protocols().peers().askAll(topic, new JsonObject()));
    }

    @Override
    public Hub hub() {
        return node.hub();
    }

    @Override
    public int maxChannels() {
        return node.settings().maxChannels();
    }

    @Override
    public int maxFrameBytes() {
        return node.settings().maxFrameBytes();
    }

    @Override
    public int maxDataBytes() {
        return node.settings().maxDataBytes();
    }
}
