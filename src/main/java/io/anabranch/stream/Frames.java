package io.anabranch.stream;

import io.anabranch.hub.PresenceNews;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The control frames that the hub sends (protocol, section 5), but for the messages. */
public final class Frames {
    /** Why messages were lost to a reader (protocol, section 5). */
    public enum GapReason {
        EXPIRED,
        RESET,
        OVERFLOW
    }

    private Frames() {}

    /**
     * @param heartbeatMs how often a silent connection hears from the hub, in ms
     * @param expiresAtMs when the token ends, in ms since 1970 UTC; {@link Long#MAX_VALUE} for
     *     never
     */
    public static JsonObject ready(
            String session,
            @Nullable String user,
            MessageId cursor,
            long heartbeatMs,
            long expiresAtMs) {
        JsonObject frame = frame("ready").put("session", session);
        if (user != null) {
            frame.put("user", user);
        }
        frame.put("cursor", cursor.toString()).put("heartbeat", heartbeatMs);
        return expiresAtMs == Long.MAX_VALUE ? frame : frame.put("expires", expiresAtMs);
    }

    /** An answer to a client's frame; {@code ref} as the client gave it, null when it gave none. */
    public static JsonObject ok(@Nullable Object ref) {
        return withRef("ok", ref);
    }

    /**
     * The {@link #ok} that says where a message stands in the log, as JSON: the answer that a
     * publisher gets for each, so without a {@link JsonObject} on the way.
     */
    static byte[] published(@Nullable Object ref, MessageId id) {
        String json = "{\"type\":\"ok\"" + refMember(ref) + ",\"id\":\"" + id + "\"}";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static String refMember(@Nullable Object ref) {
        if (ref == null) {
            return "";
        }
        return ",\"ref\":" + (ref instanceof String text ? JsonValue.ofText(text) : ref);
    }

    public static JsonObject error(@Nullable Object ref, Refusal refusal) {
        return withRef("error", ref)
                .put("status", refusal.status())
                .put("code", refusal.code())
                .put("message", refusal.explanation());
    }

    /**
     * @param channel a channel; after a reset the pattern that was subscribed to
     * @param resumed the {@code prev} of the first message that follows; null when that has none
     */
    static JsonObject gap(
            String channel, String after, @Nullable MessageId resumed, GapReason reason) {
        JsonObject frame = frame("gap").put("channel", channel).put("after", after);
        if (resumed != null) {
            frame.put("resumed", resumed.toString());
        }
        return frame.put("reason", reason.name().toLowerCase(java.util.Locale.ROOT));
    }

    /** Somebody came to a channel, or left it. */
    static JsonObject presence(Channel channel, PresenceNews.Change change) {
        JsonObject frame = frame(change.joined() ? "join" : "leave").put("channel", channel.name());
        if (change.id().user() != null) {
            frame.put("user", change.id().user());
        }
        return frame.put("session", change.session());
    }

    static JsonObject heartbeat(MessageId cursor) {
        return frame("heartbeat").put("cursor", cursor.toString());
    }

    /**
     * @param retryAfterMs when to come back, in ms; 0 leaves it to the client
     */
    public static JsonObject close(int code, String reason, long retryAfterMs) {
        JsonObject frame = frame("close").put("code", code).put("reason", reason);
        return retryAfterMs == 0 ? frame : frame.put("retryAfter", retryAfterMs);
    }

    private static JsonObject withRef(String type, @Nullable Object ref) {
        JsonObject frame = frame(type);
        return ref == null ? frame : frame.put("ref", ref);
    }

    private static JsonObject frame(String type) {
        return new JsonObject().put("type", type);
    }
}
