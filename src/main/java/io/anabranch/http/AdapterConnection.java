package io.anabranch.http;

import io.anabranch.adapter.Connection;
import io.anabranch.auth.Principal;
import io.anabranch.log.Appended;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.metrics.Connections;
import io.anabranch.metrics.Connections.Ended;
import io.anabranch.stream.Sink;
import io.anabranch.stream.Subscriber;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/** What another protocol has on {@code /ws}' seam. For its event loop alone. */
final class AdapterConnection implements Connection, Session {
    private static final List<String> OPTIONS = List.of("after", "last", "conflate");

    private final Node node;
    private final Sessions sessions;
    private final Subscriber subscriber;
    private final Subscriptions subscriptions;
    private final Expiry expiry;
    private final Connections.Open open;
    private final Gate.Pass pass;
    private final TokenBucket rate;
    private final String address;
    private final Consumer<String> onEnd;
    private final String session = UUID.randomUUID().toString();
    private Principal principal;
    private boolean closed;

    /**
     * @param onEnd closes the connection, for the reason given
     */
    AdapterConnection(
            Node node,
            Loops.Readers readers,
            RoutingContext context,
            Principal principal,
            Sink sink,
            Consumer<String> onEnd) {
        this.node = node;
        this.sessions = readers.sessions();
        this.principal = principal;
        this.onEnd = onEnd;
        this.address = Arrival.address(context);
        this.pass = node.gate().enter(principal.user(), address);
        this.subscriber = readers.fanout().add(sink, () -> {}, () -> end(Closing.failed()));
        this.subscriptions =
                new Subscriptions(
                        node,
                        subscriber,
                        new Attendance(node.presence(), subscriber, session, null, principal));
        this.expiry = new Expiry(node.vertx(), () -> end(Closing.EXPIRED));
        this.rate = node.publisher().rates().connection();
        this.open =
                node.telemetry()
                        .connections()
                        .opened(
                                Connections.Transport.WEBSOCKET,
                                session,
                                principal.user(),
                                address);
        sessions.add(this);
        expiry.at(principal.expiresAtMs());
    }

    @Override
    public Future<?> subscribe(Channel channel, JsonObject options) {
        JsonObject frame = new JsonObject().put("channel", channel.name());
        for (String name : OPTIONS) {
            if (options.containsKey(name)) {
                frame.put(name, options.getValue(name));
            }
        }
        return subscriptions.subscribe(principal, members(frame), null, unused -> {});
    }

    @Override
    public void unsubscribe(Channel channel) {
        subscriptions.unsubscribe(members(new JsonObject().put("channel", channel.name())));
    }

    private static Members members(JsonObject frame) {
        return Members.parse("frame", frame.toBuffer().getBytes());
    }

    @Override
    public Future<Appended> publish(Channel channel, JsonValue data) {
        var sender = new Publisher.Sender(principal, address, rate);
        return OnLoop.onLoop(node.publisher().publish(sender, channel, null, data, null));
    }

    @Override
    public Future<JsonObject> call(String service, JsonValue data) {
        return node.services().call(principal, service, data, session);
    }

    @Override
    public void renew(Principal renewed) {
        if (!principal.isAnonymous() && !Objects.equals(principal.user(), renewed.user())) {
            String expected = Refusal.shown(principal.user()) + ", as this connection's";
            throw new Refusal(
                    Reason.FORBIDDEN,
                    "sub: " + Refusal.shown(renewed.user()) + " (expected: " + expected + ")");
        }
        pass.passTo(renewed.user());
        principal = renewed;
        expiry.at(renewed.expiresAtMs());
        subscriptions.renew(renewed, unused -> {});
    }

    @Override
    public void writable() {
        subscriber.writable();
    }

    @Override
    public void closed() {
        letGo(Ended.CLIENT);
    }

    @Override
    public String id() {
        return session;
    }

    @Override
    public Principal principal() {
        return principal;
    }

    @Override
    public Collection<ChannelPattern> channels() {
        return subscriptions.patterns();
    }

    @Override
    public State state() {
        return new State(
                "websocket", address, null, subscriber.cursor().toString(), subscriber.isBehind());
    }

    @Override
    public void end(Closing closing) {
        if (!closed) {
            letGo(closing.ended());
            onEnd.accept(closing.shortReason());
        }
    }

    private void letGo(Ended reason) {
        if (closed) {
            return;
        }
        closed = true;
        open.ended(reason);
        pass.giveBack();
        expiry.cancel();
        subscriptions.lose();
        sessions.remove(this);
    }
}
