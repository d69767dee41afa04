package io.anabranch.http;

import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The members of a frame or of a batch's item, read by their names and types. */
final class Members {
    /** In seconds this would be the year 5138: what is earlier was written in seconds. */
    private static final long EARLIEST_MS = 100_000_000_000L;

    /** The end of the year 9999. */
    private static final long LATEST_MS = 253_402_300_799_999L;

    private final Map<String, JsonValue> values;

    private Members(Map<String, JsonValue> values) {
        this.values = values;
    }

    /**
     * @throws Refusal {@code bad_request} when {@code json} is no JSON object
     */
    static Members parse(String name, byte[] json) {
        return parse(name, ByteBuffer.wrap(json));
    }

    /** The same of what remains of a buffer with an array. */
    static Members parse(String name, ByteBuffer json) {
        return new Members(JsonValue.members(name, json));
    }

    @Nullable JsonValue value(String name) {
        return values.get(name);
    }

    /** A string; null when it is absent or JSON's null. */
    @Nullable String text(String name) {
        JsonValue value = values.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isText()) {
            throw Refusal.badValue(name, value, "a string");
        }
        return value.text();
    }

    String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw Refusal.badRequest(name + ": missing (expected: a string)");
        }
        return text;
    }

    int integer(String name, int absent, int min, int max) {
        JsonValue value = values.get(name);
        if (value == null || value.isNull()) {
            return absent;
        }
        return Values.integer(name, value.toString(), absent, min, max);
    }

    /** A moment in ms since 1970 UTC; {@code absent} when there is none. */
    long time(String name, long absent) {
        JsonValue value = values.get(name);
        if (value == null || value.isNull()) {
            return absent;
        }
        try {
            long time = Long.parseLong(value.toString());
            if (time >= EARLIEST_MS && time <= LATEST_MS) {
                return time;
            }
        } catch (NumberFormatException e) {
            // Told below, as any other wrong value.
        }
        throw Refusal.badValue(name, value, "milliseconds since 1970 UTC");
    }

    /** The client's {@code ref}, a number or a string, to be repeated; null when it gave none. */
    @Nullable Object ref() {
        JsonValue ref = values.get("ref");
        if (ref == null || ref.isNull()) {
            return null;
        }
        if (ref.isText()) {
            return ref.text();
        }
        try {
            return new java.math.BigDecimal(ref.toString());
        } catch (NumberFormatException e) {
            throw Refusal.badValue("ref", ref, "a number or a string");
        }
    }
}
