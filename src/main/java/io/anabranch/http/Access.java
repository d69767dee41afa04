package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import java.util.List;

/**
 * Asks whether somebody may. Who has shown no token is told to ({@code 401}); who has one that does
 * not say so is refused ({@code 403}).
 */
final class Access {
    private Access() {}

    static void requireSubscribe(Principal principal, List<ChannelPattern> patterns) {
        List<String> missing =
                patterns.stream()
                        .filter(pattern -> !principal.permissions().maySubscribe(pattern))
                        .map(ChannelPattern::text)
                        .toList();
        if (!missing.isEmpty()) {
            throw refusal(principal, "subscribe", missing);
        }
    }

    static void requirePublish(Principal principal, Channel channel) {
        if (!principal.permissions().mayPublish(channel)) {
            throw refusal(principal, "publish", List.of(channel.name()));
        }
    }

    static void requirePresence(Principal principal, Channel channel) {
        if (!principal.permissions().mayPresence(ChannelPattern.of(channel))) {
            throw refusal(principal, "presence", List.of(channel.name()));
        }
    }

    static void requireCall(Principal principal, String service) {
        if (!principal.permissions().mayCall(service)) {
            throw refusal(principal, "call", service, List.of());
        }
    }

    static void requireAdmin(Principal principal) {
        if (!principal.permissions().admin()) {
            throw refusal(principal, "admin", "this route", List.of());
        }
    }

    private static Refusal refusal(Principal principal, String permission, List<String> channels) {
        return refusal(principal, permission, String.join(", ", channels), channels);
    }

    private static Refusal refusal(
            Principal principal, String permission, String what, List<String> channels) {
        String text = "no " + permission + " permission for " + what;
        return principal.isAnonymous()
                ? new Refusal(Reason.UNAUTHORIZED, text + " without a token", channels)
                : new Refusal(Reason.FORBIDDEN, text, channels);
    }
}
