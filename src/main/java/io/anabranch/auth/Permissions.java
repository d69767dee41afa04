package io.anabranch.auth;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import java.util.List;

/**
 * What somebody may do. {@code admin} opens the admin routes and nothing else.
 *
 * @param call names of services, the last character may be {@code *}
 */
public record Permissions(
        List<ChannelPattern> subscribe,
        List<ChannelPattern> publish,
        List<ChannelPattern> presence,
        List<String> call,
        boolean admin) {
    public static final Permissions NONE =
            new Permissions(List.of(), List.of(), List.of(), List.of(), false);

    public Permissions {
        subscribe = List.copyOf(subscribe);
        publish = List.copyOf(publish);
        presence = List.copyOf(presence);
        call = List.copyOf(call);
    }

    /** Whether one granted pattern alone covers all that {@code pattern} asks for. */
    public boolean maySubscribe(ChannelPattern pattern) {
        return subscribe.stream().anyMatch(granted -> granted.covers(pattern));
    }

    public boolean mayPublish(Channel channel) {
        for (ChannelPattern granted : publish) {
            if (granted.matches(channel)) {
                return true;
            }
        }
        return false;
    }

    /** Whether one granted pattern alone covers all that {@code pattern} asks for. */
    public boolean mayPresence(ChannelPattern pattern) {
        return presence.stream().anyMatch(granted -> granted.covers(pattern));
    }

    public boolean mayCall(String service) {
        return call.stream().anyMatch(granted -> matches(granted, service));
    }

    private static boolean matches(String granted, String service) {
        return granted.endsWith("*")
                ? service.startsWith(granted.substring(0, granted.length() - 1))
                : service.equals(granted);
    }
}
