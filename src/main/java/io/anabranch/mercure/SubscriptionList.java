package io.anabranch.mercure;

import io.anabranch.adapter.StreamRequest;
import io.anabranch.hub.Hub;
import io.anabranch.log.Draft;
import io.anabranch.message.Channel;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The active subscriptions of this hub, and the private updates that tell of them (Mercure, section
 * "Active Subscriptions"). Safe for use by any thread.
 */
final class SubscriptionList {
    static final String PATH = "/.well-known/mercure/subscriptions";

    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionList.class);

    /** As long as every other. */
    private static final String ANY_SESSION = "00000000-0000-0000-0000-000000000000";

    private final Hub hub;
    private final boolean enabled;
    private final Map<String, List<JsonObject>> bySession = new ConcurrentHashMap<>();

    /**
     * @param enabled whether subscriptions are kept and told of at all
     */
    SubscriptionList(Hub hub, boolean enabled) {
        this.hub = hub;
        this.enabled = enabled;
    }

    /** All that are active, as JSON-LD. */
    Stream<JsonObject> active() {
        return bySession.values().stream().flatMap(List::stream).map(JsonObject::copy);
    }

    /**
     * What a subscriber's stream tells when it begins and ends.
     *
     * @throws io.anabranch.message.Refusal {@code bad_request} for a selector whose subscription
     *     could not be told of
     */
    StreamRequest.Listener listener(List<Selector> selectors, Claim claim) {
        if (!enabled) {
            return StreamRequest.Listener.NONE;
        }
        selectors.forEach(selector -> channel(subscription(selector, claim, ANY_SESSION)));
        return new StreamRequest.Listener() {
            @Override
            public void began(String session) {
                List<JsonObject> begun =
                        selectors.stream().map(it -> subscription(it, claim, session)).toList();
                bySession.put(session, begun);
                begun.forEach(SubscriptionList.this::tell);
            }

            @Override
            public void ended(String session) {
                List<JsonObject> ended = bySession.remove(session);
                if (ended != null) {
                    ended.forEach(it -> tell(it.copy().put("active", false)));
                }
            }
        };
    }

    private static JsonObject subscription(Selector selector, Claim claim, String session) {
        String subscriber = "urn:uuid:" + session;
        JsonObject subscription =
                new JsonObject()
                        .put(
                                "id",
                                PATH + "/" + encoded(selector.text()) + "/" + encoded(subscriber))
                        .put("type", "Subscription")
                        .put("topic", selector.text())
                        .put("subscriber", subscriber)
                        .put("active", true);
        return claim.payload() == null
                ? subscription
                : subscription.put("payload", claim.payload());
    }

    /** As a template's variable expands (RFC 6570 §3.2.2). */
    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static Channel channel(JsonObject subscription) {
        return Topics.channel(subscription.getString("id"), true);
    }

    private void tell(JsonObject subscription) {
        JsonObject document = SubscriptionHandler.document(subscription);
        hub.publish(
                        new Draft(
                                channel(subscription),
                                EventName.DEFAULT,
                                JsonValue.parse(document.encode()),
                                null,
                                null))
                .onFailure(failure -> LOG.warn("nobody is told of a subscription", failure));
    }
}
