package io.anabranch.client;

import io.anabranch.message.MessageId;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One event on one channel (protocol, section 2).
 *
 * @param prev the message before it on the same channel
 * @param event {@code message} unless the publisher named it
 * @param data as published: {@code JsonObject}, {@code JsonArray}, text, number, boolean or null
 * @param time ms since 1970 UTC, by the hub's clock
 * @param user who published it, where that was with a token
 */
public record HubMessage(
        MessageId id,
        Optional<MessageId> prev,
        String channel,
        String event,
        @Nullable Object data,
        long time,
        Optional<String> user) {

    static HubMessage of(JsonObject frame) {
        return new HubMessage(
                Ids.required(frame, "id"),
                Optional.ofNullable(Ids.get(frame, "prev")),
                frame.getString("channel"),
                frame.getString("event", "message"),
                frame.getValue("data"),
                frame.getLong("time"),
                Optional.ofNullable(frame.getString("user")));
    }
}
