package io.anabranch.http;

import io.anabranch.log.ChannelSummary;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** Answers which channels there are (protocol, section 6). */
final class ChannelList {
    /** How many subscriptions there are on the node, by their patterns. */
    private final Map<ChannelPattern, Integer> subscriptions;

    ChannelList(Map<ChannelPattern, Integer> subscriptions) {
        this.subscriptions = subscriptions;
    }

    /**
     * @param after what the page came after
     * @param limit how many were asked for
     * @return {@code {"channels":[{"channel","head","messages","subscribers"}],"cursor","more"}}
     */
    JsonObject page(List<ChannelSummary> channels, String after, int limit) {
        JsonArray array = new JsonArray();
        String cursor = after;
        for (ChannelSummary summary : channels) {
            cursor = summary.channel().name();
            array.add(
                    new JsonObject()
                            .put("channel", cursor)
                            .put("head", summary.head().toString())
                            .put("messages", summary.messages())
                            .put("subscribers", subscribers(cursor)));
        }
        return new JsonObject()
                .put("channels", array)
                .put("cursor", cursor)
                .put("more", channels.size() == limit);
    }

    /** By each pattern that could match: there may be many, but not many that begin a name. */
    private int subscribers(String channel) {
        int count = subscriptions.getOrDefault(new ChannelPattern(channel), 0);
        int longest = Math.min(channel.length(), Channel.MAX_LENGTH - 1);
        for (int length = 0; length <= longest; length++) {
            var pattern = new ChannelPattern(channel.substring(0, length) + "*");
            count += subscriptions.getOrDefault(pattern, 0);
        }
        return count;
    }
}
