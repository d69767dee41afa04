package io.anabranch.http;

import io.anabranch.message.JsonValue;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import org.jspecify.annotations.Nullable;

/** Reads the values of queries and frames, and says what was expected where they are wrong. */
final class Values {
    private Values() {}

    /** A whole number from {@code min} to {@code max}; {@code absent} when there is none. */
    static int integer(String name, @Nullable String text, int absent, int min, int max) {
        return (int) wholeNumber(name, text, absent, min, max);
    }

    /** As {@link #integer}, for what may be larger. */
    static long wholeNumber(String name, @Nullable String text, long absent, long min, long max) {
        if (text == null || text.isEmpty()) {
            return absent;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below, as any other wrong value.
        }
        throw Refusal.badValue(name, text, "a whole number from " + min + " to " + max);
    }

    /** Refuses {@code data} of more than {@code maxBytes} as too large. */
    static void requireAtMost(int maxBytes, JsonValue data) {
        int bytes = data.length();
        if (bytes > maxBytes) {
            throw Refusal.overLimit(
                    Refusal.Reason.TOO_LARGE, Limit.MESSAGE, "data: " + bytes + " bytes", maxBytes);
        }
    }

    /** {@code true} or {@code false}; false when there is none. */
    static boolean bool(String name, @Nullable String text) {
        if (text == null || text.isEmpty() || text.equals("false")) {
            return false;
        }
        if (text.equals("true")) {
            return true;
        }
        throw Refusal.badValue(name, text, "true or false");
    }
}
