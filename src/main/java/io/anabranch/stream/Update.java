package io.anabranch.stream;

import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message's data as an update of the Mercure protocol. One that has but data is stored as that
 * text alone; one that has more as {@code {"mercure":{"topics":…,"id":…,"retry":…},"data":…}}.
 *
 * @param topics all of them, the canonical one first; empty where the message's channel says it
 * @param id what its publisher calls it
 * @param retryMs how long clients are to wait before they reconnect, in ms
 */
public record Update(
        List<String> topics, Optional<String> id, Optional<Long> retryMs, JsonValue data) {
    private static final int MAX_ID_LENGTH = 255;
    private static final String EXTRAS = "mercure";
    private static final ByteBuffer START = StandardCharsets.US_ASCII.encode("{\"mercure\":{");

    public Update {
        topics = List.copyOf(topics);
    }

    /** What a message brings to readers of Mercure, whoever published it. */
    public static Update of(Message message) {
        Update update = mayHaveExtras(message.data()) ? parse(message.data()) : null;
        return update == null ? plain(message.data()) : update;
    }

    private static boolean mayHaveExtras(JsonValue data) {
        int length = START.remaining();
        ByteBuffer utf8 = data.buffer();
        return data.length() > length && utf8.limit(utf8.position() + length).equals(START);
    }

    private static Update plain(JsonValue data) {
        return new Update(List.of(), Optional.empty(), Optional.empty(), data);
    }

    /** Null for what only looks like one: anybody may publish any JSON. */
    private static @Nullable Update parse(JsonValue stored) {
        try {
            Map<String, JsonValue> members = JsonValue.members("data", stored.buffer());
            JsonValue data = members.get("data");
            var extras = new JsonObject(Objects.requireNonNull(members.get(EXTRAS)).toString());
            String id = extras.getString("id");
            return data == null || (id != null && !isId(id))
                    ? null
                    : new Update(
                            extras.getJsonArray("topics", new JsonArray()).stream()
                                    .map(String.class::cast)
                                    .toList(),
                            Optional.ofNullable(id),
                            Optional.ofNullable(extras.getLong("retry")),
                            data);
        } catch (Refusal | DecodeException | ClassCastException e) {
            return null;
        }
    }

    /**
     * Whether a publisher may call an update so: 1 to 255 characters, no control characters, which
     * would break the stream's lines, and not {@code #} at the beginning, as the hub's own have.
     */
    public static boolean isId(String id) {
        return !id.isEmpty()
                && id.length() <= MAX_ID_LENGTH
                && !id.startsWith("#")
                && id.codePoints().noneMatch(Character::isISOControl);
    }

    /** As a message's data. */
    public JsonValue toData() {
        if (topics.isEmpty() && id.isEmpty() && retryMs.isEmpty()) {
            return data;
        }
        JsonObject extras = new JsonObject();
        if (!topics.isEmpty()) {
            extras.put("topics", new JsonArray(topics));
        }
        id.ifPresent(it -> extras.put("id", it));
        retryMs.ifPresent(it -> extras.put("retry", it));
        return JsonValue.parse(
                "{\"" + EXTRAS + "\":" + extras.encode() + ",\"data\":" + data + "}");
    }

    /** A place in the log as an event's id: a fragment, which no publisher's id may begin as. */
    public static String eventId(MessageId id) {
        return "#" + id;
    }
}
