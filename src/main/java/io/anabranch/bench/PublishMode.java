package io.anabranch.bench;

import io.anabranch.message.Refusal;
import java.util.Locale;

/** How a publisher publishes. */
public enum PublishMode {
    /** One request a message, one at a time on a connection that is kept. */
    REST,
    /** One request for the whole run, a line a message. */
    NDJSON,
    /** One frame a message. */
    WEBSOCKET;

    /**
     * @throws Refusal {@code bad_request} when {@code text} is none
     */
    public static PublishMode parse(String text) {
        for (PublishMode mode : values()) {
            if (mode.word().equals(text)) {
                return mode;
            }
        }
        throw Refusal.badValue("--publish", text, "rest, ndjson or websocket");
    }

    /** As users write it: {@code rest}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
