package io.anabranch.mercure;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A token's claim {@code mercure} (Mercure, section "Authorization").
 *
 * @param publish on which topics; empty for none
 * @param subscribe of which topics the private updates may be had; empty for none
 * @param payload what the token's subscriptions are shown with; null for nothing
 */
record Claim(List<Selector> publish, List<Selector> subscribe, @Nullable Object payload) {
    private static final String NAME = "mercure";

    Claim {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
    }

    /**
     * Reads it from a token's claims; one that is not there grants nothing.
     *
     * @throws Refusal {@code unauthorized} when it is malformed
     */
    static Claim of(JsonObject claims) {
        Object value = claims.getValue(NAME);
        if (value == null) {
            return new Claim(List.of(), List.of(), null);
        }
        if (!(value instanceof JsonObject claim)) {
            throw refused(NAME, "an object such as {\"publish\":[\"*\"]}");
        }
        return new Claim(
                selectors(claim, "publish"),
                selectors(claim, "subscribe"),
                claim.getValue("payload"));
    }

    private static List<Selector> selectors(JsonObject claim, String name) {
        Object value = claim.getValue(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof JsonArray array)
                || !array.stream().allMatch(String.class::isInstance)) {
            throw refused(NAME + "." + name, "an array of topic selectors");
        }
        return array.stream().map(text -> new Selector((String) text)).toList();
    }

    private static Refusal refused(String name, String expected) {
        return new Refusal(
                Reason.UNAUTHORIZED,
                "token: " + name + " is malformed (expected: " + expected + ")");
    }

    boolean mayPublish(String topic) {
        return publish.stream().anyMatch(selector -> selector.matches(topic));
    }

    boolean maySubscribe(String topic) {
        return subscribe.stream().anyMatch(selector -> selector.matches(topic));
    }
}
