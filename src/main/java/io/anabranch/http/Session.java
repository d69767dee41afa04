package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.ChannelPattern;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * One open connection of either transport, as the hub sees it from outside. For its event loop
 * alone.
 */
interface Session {
    /** As the client was told it in {@code ready}. */
    String id();

    Principal principal();

    /** What it is subscribed to. */
    Collection<ChannelPattern> channels();

    /** For those who run the hub. */
    State state();

    /** Tells the client why, and ends the connection. Does nothing when it has ended already. */
    void end(Closing closing);

    /**
     * What a connection is doing.
     *
     * @param transport {@code sse} or {@code websocket}
     * @param address of the other end
     * @param client the client's own id; null when it gave none
     * @param cursor all up to here was written, or was not asked for
     * @param behind whether it is being brought up to the log's head, or does not read
     */
    record State(
            String transport,
            String address,
            @Nullable String client,
            String cursor,
            boolean behind) {}
}
