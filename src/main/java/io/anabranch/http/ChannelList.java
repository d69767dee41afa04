package io.anabranch.http;

import io.anabranch.log.ChannelSummary;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Answers which channels there are (protocol, section 6). */
final class ChannelList {
    private ChannelList() {}

    /**
     * @param subscribers how many subscriptions match each of the channels
     * @param after what the page came after
     * @param limit how many were asked for
     * @return {@code {"channels":[{"channel","head","messages","subscribers"}],"cursor","more"}}
     */
    static JsonObject page(
            List<ChannelSummary> channels, List<Integer> subscribers, String after, int limit) {
        JsonArray array = new JsonArray();
        String cursor = after;
        for (int i = 0; i < channels.size(); i++) {
            ChannelSummary summary = channels.get(i);
            cursor = summary.channel().name();
            array.add(
                    new JsonObject()
                            .put("channel", cursor)
                            .put("head", summary.head().toString())
                            .put("messages", summary.messages())
                            .put("subscribers", subscribers.get(i)));
        }
        return new JsonObject()
                .put("channels", array)
                .put("cursor", cursor)
                .put("more", channels.size() == limit);
    }
}
