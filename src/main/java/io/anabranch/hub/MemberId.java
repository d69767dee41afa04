package io.anabranch.hub;

import org.jspecify.annotations.Nullable;

/**
 * What presence counts: a user's client, whatever connections it has (protocol, section 3).
 *
 * @param user the token's {@code sub}; null when there is none
 * @param client the client's own id, or what stands for the one connection of a client without one
 * @param returns whether the client can be known again on another connection
 */
public record MemberId(@Nullable String user, String client, boolean returns) {

    /** A client that gave an id of its own. */
    public static MemberId ofClient(@Nullable String user, String client) {
        return new MemberId(user, client, true);
    }

    /** A client that gave none: it is gone when its connection is. */
    public static MemberId ofSession(@Nullable String user, String session) {
        return new MemberId(user, session, false);
    }
}
