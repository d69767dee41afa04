package io.anabranch.http;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.anabranch.stream.Start;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The query of {@code /sse} and {@code /ws} (protocol, section 3).
 *
 * @param conflateMs of each channel at most one message in that time, in ms; 0 for all
 * @param client the client's own id; null when it gave none
 * @param ticket stands for a token, once; null when there is none
 */
record SubscribeRequest(
        List<ChannelPattern> channels,
        Start start,
        int conflateMs,
        boolean envelope,
        @Nullable String client,
        @Nullable String ticket) {
    static final int MAX_LAST = 1_000;
    static final int MAX_CONFLATE_MS = 60_000;
    private static final Pattern CLIENT = Pattern.compile("[A-Za-z0-9_-]{8,64}");

    /**
     * @param lastEventId the header of that name, which wins over {@code after}; null for none
     * @throws Refusal {@code bad_request} for the first value that is out of the grammar
     */
    static SubscribeRequest parse(MultiMap query, @Nullable String lastEventId, int maxChannels) {
        List<ChannelPattern> channels =
                query.getAll("channel").stream().map(ChannelPattern::new).distinct().toList();
        requireAtMost(maxChannels, channels.size());
        String client = query.get("client");
        if (client != null && !CLIENT.matcher(client).matches()) {
            throw Refusal.badValue("client", client, "8 to 64 characters of A-Z a-z 0-9 _ -");
        }
        return new SubscribeRequest(
                channels,
                start(query, lastEventId),
                Values.integer("conflate", query.get("conflate"), 0, 0, MAX_CONFLATE_MS),
                Values.bool("envelope", query.get("envelope")),
                client,
                query.get("ticket"));
    }

    private static Start start(MultiMap query, @Nullable String lastEventId) {
        if (lastEventId != null && !lastEventId.isEmpty()) {
            return new Start.After(Cursor.parse("Last-Event-ID", lastEventId));
        }
        for (String name : List.of("after", "lastEventId")) {
            String cursor = query.get(name);
            if (cursor != null && !cursor.isEmpty()) {
                return new Start.After(Cursor.parse(name, cursor));
            }
        }
        int last = Values.integer("last", query.get("last"), 0, 0, MAX_LAST);
        return last > 0 ? new Start.Last(last) : new Start.Live();
    }

    static void requireAtMost(int maxChannels, int channels) {
        if (channels > maxChannels) {
            throw Refusal.overLimit(
                    Refusal.Reason.BAD_REQUEST,
                    Limit.CHANNELS_PER_CONNECTION,
                    "channel: " + channels + " of them",
                    maxChannels);
        }
    }

    /** A channel of a path or a frame, where no pattern is allowed. */
    static Channel channel(@Nullable String name) {
        if (name == null) {
            throw Refusal.badRequest("channel: missing (expected: a channel name)");
        }
        return new Channel(name);
    }
}
