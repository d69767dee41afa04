package io.anabranch.hub;

import io.anabranch.message.Channel;
import java.util.List;

/**
 * Who came to a channel and who left it, in that order.
 *
 * @param changes never empty
 */
public record PresenceNews(Channel channel, List<Change> changes) {
    public PresenceNews {
        changes = List.copyOf(changes);
    }

    /** Whether any of the changes is about {@code id}. */
    public boolean isAbout(MemberId id) {
        return changes.stream().anyMatch(change -> change.id().equals(id));
    }

    /**
     * One member that came or left.
     *
     * @param session the connection by which it came
     */
    public record Change(boolean joined, MemberId id, String session) {
        Change opposite() {
            return new Change(!joined, id, session);
        }
    }
}
