package io.anabranch.message;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One event on one channel (protocol, section 2). Immutable.
 *
 * @param prev the id of the message before this one on the same channel; null on the first
 * @param event {@link EventName#DEFAULT} unless the publisher named it
 * @param data the published value
 * @param time milliseconds since 1970 UTC, set by the log
 * @param user the publisher's {@code sub}; null when there is none
 */
public record Message(
        MessageId id,
        @Nullable MessageId prev,
        Channel channel,
        String event,
        JsonValue data,
        long time,
        @Nullable String user) {

    /** About how many bytes it takes, on the wire or in memory: for limits, not for accounts. */
    public int size() {
        return data.length() + channel.name().length() + event.length() + 160;
    }

    /** The object of section 2 as UTF-8 JSON. */
    public byte[] toJson() {
        JsonText json = new JsonText(size());
        json.raw("{\"type\":\"message\",\"id\":\"").raw(id.toString());
        if (prev != null) {
            json.raw("\",\"prev\":\"").raw(prev.toString());
        }
        json.raw("\",\"channel\":\"").raw(channel.name()).raw("\"");
        if (!event.equals(EventName.DEFAULT)) {
            json.raw(",\"event\":").quoted(event);
        }
        json.raw(",\"data\":").value(data).raw(",\"time\":").raw(Long.toString(time));
        if (user != null) {
            json.raw(",\"user\":").quoted(user);
        }
        return json.raw("}").toBytes();
    }

    private static final class JsonText {
        private final ByteArrayOutputStream out;

        JsonText(int size) {
            out = new ByteArrayOutputStream(size);
        }

        JsonText raw(String ascii) {
            out.writeBytes(ascii.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        JsonText quoted(String text) {
            return value(JsonValue.ofText(text));
        }

        JsonText value(JsonValue json) {
            ByteBuffer utf8 = json.buffer();
            out.write(utf8.array(), utf8.position(), utf8.remaining());
            return this;
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }
}
