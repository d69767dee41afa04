package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.hub.MemberId;
import io.anabranch.hub.Presence;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.stream.Subscriber;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where one connection is present, and whose presence it is told of (protocol, section 5). It is
 * present on the channels that it names: one who reads {@code chat:*} is in no room. For its event
 * loop alone.
 */
final class Attendance {
    private final Presence presence;
    private final Subscriber subscriber;
    private final String session;
    private final @Nullable String client;
    private final Set<Channel> present = new HashSet<>(0);
    private Principal principal;

    /**
     * @param client the client's own id; null when it gave none
     */
    Attendance(
            Presence presence,
            Subscriber subscriber,
            String session,
            @Nullable String client,
            Principal principal) {
        this.presence = presence;
        this.subscriber = subscriber;
        this.session = session;
        this.client = client;
        this.principal = principal;
    }

    /** The connection subscribed; once more to the same pattern changes nothing. */
    void begin(Collection<ChannelPattern> patterns) {
        for (ChannelPattern pattern : patterns) {
            if (principal.permissions().mayPresence(pattern)) {
                subscriber.watchPresence(pattern, self());
            }
            if (pattern.isExact()) {
                Channel channel = new Channel(pattern.text());
                if (presence.isKept(channel) && present.add(channel)) {
                    presence.enter(channel, self(), session);
                }
            }
        }
    }

    /** The connection unsubscribed. */
    void end(ChannelPattern pattern) {
        subscriber.unwatchPresence(pattern);
        if (pattern.isExact()) {
            Channel channel = new Channel(pattern.text());
            if (present.remove(channel)) {
                presence.leave(channel, self());
            }
        }
    }

    /** The connection ended. */
    void lose() {
        present.forEach(channel -> presence.lose(channel, self()));
        present.clear();
    }

    /**
     * The connection has a new token, perhaps of another user.
     *
     * @param patterns all that it is subscribed to
     */
    void renew(Principal renewed, Collection<ChannelPattern> patterns) {
        patterns.forEach(subscriber::unwatchPresence);
        if (!Objects.equals(principal.user(), renewed.user())) {
            present.forEach(channel -> presence.leave(channel, self()));
            present.clear();
        }
        principal = renewed;
        begin(patterns);
    }

    private MemberId self() {
        return client == null
                ? MemberId.ofSession(principal.user(), session)
                : MemberId.ofClient(principal.user(), client);
    }
}
