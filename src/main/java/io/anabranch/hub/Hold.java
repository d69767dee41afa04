package io.anabranch.hub;

import io.anabranch.message.Channel;

/**
 * A hub's word that a member is on a channel. The member is there as long as any hub gives it.
 *
 * @param session the connection by which the member came
 * @param since when it came, in ms since 1970 UTC
 */
public record Hold(Channel channel, MemberId id, String session, long since) {

    /** That a hub holds a member from now on, or no longer. */
    public record Change(boolean begins, Hold hold) {}
}
