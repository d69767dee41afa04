package io.anabranch.log;

import io.anabranch.message.Channel;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * A message before the log has given it an id and a time.
 *
 * @param data is made compact, to be kept by the log
 * @param user the publisher's {@code sub}; null when there is none
 * @param dedup the publisher's deduplication key; null when a repeat is a message of its own. It
 *     counts for this user and channel alone
 */
public record Draft(
        Channel channel,
        String event,
        JsonValue data,
        @Nullable String user,
        @Nullable String dedup) {
    public static final int MAX_DEDUP_LENGTH = 255;

    /**
     * @throws Refusal {@code bad_request} for an event name or a deduplication key out of the
     *     grammar
     */
    public Draft {
        event = EventName.check(event);
        data = data.compact();
        if (dedup != null && (dedup.isEmpty() || dedup.length() > MAX_DEDUP_LENGTH)) {
            throw Refusal.badValue("dedup", dedup, "1 to 255 characters");
        }
    }
}
