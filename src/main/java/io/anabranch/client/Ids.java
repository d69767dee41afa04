package io.anabranch.client;

import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Places in the log, compared. */
final class Ids {
    private Ids() {}

    static MessageId parse(String text) {
        return MessageId.parse("id", text);
    }

    static void check(String name, String text) {
        try {
            MessageId.parse(name, text);
        } catch (Refusal refusal) {
            throw new HubException(refusal.status(), refusal.code(), refusal.explanation());
        }
    }

    static @Nullable MessageId get(JsonObject frame, String name) {
        String text = frame.getString(name);
        return text == null || text.equals("earliest") ? null : parse(text);
    }

    static MessageId required(JsonObject frame, String name) {
        return Objects.requireNonNull(get(frame, name), name);
    }

    /** Whether {@code id} lies behind {@code other}. Another epoch does: the past is lost. */
    static boolean isLater(MessageId id, @Nullable MessageId other) {
        return other == null || !id.epoch().equals(other.epoch()) || id.seq() > other.seq();
    }

    static MessageId earliest(List<MessageId> ids) {
        return ids.stream().reduce((first, id) -> isLater(first, id) ? id : first).orElseThrow();
    }
}
