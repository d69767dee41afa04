package io.anabranch.mercure;

import io.anabranch.message.ChannelPattern;
import java.util.List;

/**
 * How the hub speaks Mercure.
 *
 * @param open the channels whose public updates everybody with a token may have
 * @param cookie the name of the cookie that may carry a token
 * @param subscriptions whether subscriptions are listed, and their begin and end published
 */
public record MercureOptions(List<ChannelPattern> open, String cookie, boolean subscriptions) {
    /** Where private updates are; no topic's own channel begins like that. */
    public static final String PRIVATE = Topics.PRIVATE;

    public MercureOptions {
        open = List.copyOf(open);
    }
}
