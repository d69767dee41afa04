package io.anabranch.log;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.Refusal;
import java.util.List;

/**
 * What to read: the messages on the channels that match, after a cursor, in log order, in bounded
 * pages.
 *
 * @param patterns a channel that matches any of them belongs to the answer
 * @param after where to begin; of another epoch, everything the log holds is after it
 * @param upTo the last {@code seq} to read, or {@link #HEAD}
 * @param lastPerChannel of each channel at most this many, the newest up to {@code upTo}; 0 for
 *     all. A reader of the newest does not miss the older ones, so such a page has no gaps
 * @param maxMessages the page ends with this many
 * @param maxBytes the page ends when it holds about this many, with one message at the least
 */
public record Query(
        List<ChannelPattern> patterns,
        Cursor after,
        long upTo,
        int lastPerChannel,
        int maxMessages,
        int maxBytes) {
    public static final long HEAD = Long.MAX_VALUE;

    public Query {
        patterns = List.copyOf(patterns);
        if (maxMessages < 1) {
            throw Refusal.badValue("maxMessages", maxMessages, "> 0");
        }
    }

    /** Whether any of the patterns matches. */
    public boolean matches(Channel channel) {
        for (ChannelPattern pattern : patterns) {
            if (pattern.matches(channel)) {
                return true;
            }
        }
        return false;
    }
}
