package io.anabranch.mercure;

import io.anabranch.adapter.Door;
import io.anabranch.adapter.StreamRequest;
import io.anabranch.auth.VerifiedToken;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.stream.Encoding;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code GET /.well-known/mercure} (Mercure, section "Subscription"). */
final class SubscribeHandler implements Handler<RoutingContext> {
    private static final String LAST_EVENT_ID = "Last-Event-ID";

    private final Door door;
    private final MercureOptions options;
    private final SubscriptionList subscriptions;
    private final LatestUpdate updates = new LatestUpdate();

    SubscribeHandler(Door door, MercureOptions options, SubscriptionList subscriptions) {
        this.door = door;
        this.options = options;
        this.subscriptions = subscriptions;
    }

    @Override
    public void handle(RoutingContext context) {
        door.identify(context, options.cookie())
                .compose(token -> subscribe(context, token))
                .onFailure(failure -> door.refuse(context, failure));
    }

    private Future<Void> subscribe(RoutingContext context, VerifiedToken token) {
        Claim claim = Claim.of(token.claims());
        Reader reader =
                new Reader(
                        selectors(context.queryParams().getAll("topic")),
                        token.principal(),
                        claim,
                        options.open(),
                        updates);
        reader.requireReadable();
        StreamRequest.Listener listener = subscriptions.listener(reader.selectors(), claim);
        return door.onLoop(Beginning.of(lastEventId(context), door.hub(), reader))
                .compose(
                        beginning -> {
                            beginning
                                    .lastEventId()
                                    .ifPresent(
                                            id -> context.response().putHeader(LAST_EVENT_ID, id));
                            return door.stream(
                                    context,
                                    token.principal(),
                                    new StreamRequest(
                                            reader.patterns(),
                                            beginning.start(),
                                            0,
                                            Encoding.Form.MERCURE,
                                            reader,
                                            null,
                                            listener));
                        });
    }

    private List<Selector> selectors(List<String> topics) {
        if (topics.isEmpty()) {
            throw Refusal.badRequest("topic: missing (expected: one or more ?topic=)");
        }
        if (topics.size() > door.maxChannels()) {
            throw Refusal.overLimit(
                    Reason.BAD_REQUEST,
                    Limit.CHANNELS_PER_CONNECTION,
                    "topic: " + topics.size() + " of them",
                    door.maxChannels());
        }
        return topics.stream().distinct().map(Selector::new).toList();
    }

    private static @Nullable String lastEventId(RoutingContext context) {
        HttpServerRequest request = context.request();
        String header = request.getHeader(LAST_EVENT_ID);
        return header == null ? context.queryParams().get("lastEventID") : header;
    }
}
