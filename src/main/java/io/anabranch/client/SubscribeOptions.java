package io.anabranch.client;

import io.anabranch.message.MessageId;
import io.vertx.core.json.JsonObject;

/**
 * Where a subscription begins, and how much it wants.
 *
 * @param after an id, or {@code earliest}; empty for none. Wins over {@code last}
 * @param last the last messages of each channel, then live; 0 for none
 * @param conflate of each channel at most one message in so many ms, the newest; 0 for all
 */
public record SubscribeOptions(String after, int last, int conflate) {
    /** All messages, from now on. */
    public static final SubscribeOptions LIVE = new SubscribeOptions("", 0, 0);

    private static final int MAX_CONFLATE_MS = 60_000;

    /**
     * @throws HubException {@code bad_request} when a value breaks the grammar
     */
    public SubscribeOptions {
        if (!after.isEmpty() && !after.equals("earliest")) {
            Ids.check("after", after);
        }
        if (last < 0) {
            throw HubException.badValue("last", last, "a number of messages");
        }
        if (conflate < 0 || conflate > MAX_CONFLATE_MS) {
            throw HubException.badValue("conflate", conflate, "0 to 60000 ms");
        }
    }

    /** All behind an id, or all that the log has ({@code earliest}), then live. */
    public static SubscribeOptions after(String cursor) {
        return new SubscribeOptions(cursor, 0, 0);
    }

    public static SubscribeOptions after(MessageId cursor) {
        return after(cursor.toString());
    }

    public static SubscribeOptions last(int messages) {
        return new SubscribeOptions("", messages, 0);
    }

    public SubscribeOptions conflate(int ms) {
        return new SubscribeOptions(after, last, ms);
    }

    /** The members of a {@code subscribe} frame that say where to begin. */
    JsonObject position() {
        if (!after.isEmpty()) {
            return new JsonObject().put("after", after);
        }
        return last > 0 ? new JsonObject().put("last", last) : new JsonObject();
    }
}
