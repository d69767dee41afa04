package io.anabranch.http;

import io.anabranch.adapter.Connection;
import io.anabranch.auth.Principal;
import io.anabranch.log.Appended;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.JsonValue;
import io.anabranch.metrics.Connections;
import io.anabranch.metrics.Connections.Ended;
import io.anabranch.stream.Sink;
import io.anabranch.stream.Subscriber;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** What another protocol has on {@code /ws}' seam. For its event loop alone. */
final class AdapterConnection implements Connection, Session {
    private static final List<String> OPTIONS = List.of("after", "last", "conflate");

    private final Node node;
    private final Subscriber subscriber;
    private final Subscriptions subscriptions;
    private final Admission admission;
    private final TokenBucket rate;
    private final Consumer<String> onEnd;

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
        this.onEnd = onEnd;
        String address = Arrival.address(context);
        this.admission =
                new Admission(
                        node,
                        readers.sessions(),
                        this,
                        Connections.Transport.WEBSOCKET,
                        principal,
                        node.gate().enter(principal.user(), address),
                        address);
        this.subscriber = readers.fanout().add(sink, () -> {}, () -> end(Closing.failed()));
        this.subscriptions =
                new Subscriptions(
                        node,
                        subscriber,
                        new Attendance(node.presence(), subscriber, id(), null, principal));
        this.rate = node.publisher().rates().connection();
        admission.enlist();
        admission.endWithToken();
    }

    @Override
    public Future<?> subscribe(Channel channel, JsonObject options) {
        JsonObject frame = new JsonObject().put("channel", channel.name());
        for (String name : OPTIONS) {
            if (options.containsKey(name)) {
                frame.put(name, options.getValue(name));
            }
        }
        return subscriptions.subscribe(principal(), members(frame), null, unused -> {});
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
        var sender = new Publisher.Sender(principal(), admission.address(), rate);
        return OnLoop.onLoop(node.publisher().publish(sender, channel, null, data, null));
    }

    @Override
    public Future<JsonObject> call(String service, JsonValue data) {
        return node.services().call(principal(), service, data, id());
    }

    @Override
    public void renew(Principal renewed) {
        admission.renew(renewed);
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
        return admission.id();
    }

    @Override
    public Principal principal() {
        return admission.principal();
    }

    @Override
    public Collection<ChannelPattern> channels() {
        return subscriptions.patterns();
    }

    @Override
    public State state() {
        return new State(
                "websocket",
                admission.address(),
                null,
                subscriber.cursor().toString(),
                subscriber.isBehind());
    }

    @Override
    public void end(Closing closing) {
        if (letGo(closing.ended())) {
            onEnd.accept(closing.shortReason());
        }
    }

    /** False when it had ended before. */
    private boolean letGo(Ended reason) {
        boolean ends = admission.end(reason);
        if (ends) {
            subscriptions.lose();
        }
        return ends;
    }
}
