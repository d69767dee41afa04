package io.anabranch.http;

import io.anabranch.hub.Hub;
import io.anabranch.hub.Presence;
import io.vertx.core.Vertx;
import java.util.Optional;

/**
 * What the routes of all event loops share.
 *
 * @param faults in development alone
 */
record Node(
        Vertx vertx,
        Hub hub,
        Presence presence,
        Credentials credentials,
        Publisher publisher,
        Services services,
        Optional<Faults> faults,
        Settings settings) {

    /**
     * @param heartbeatMs how often a connection hears from the hub, in ms
     * @param maxFrameBytes a client's WebSocket message, in bytes
     * @param maxDataBytes a message's data, in bytes
     */
    record Settings(
            int heartbeatMs,
            int maxFrameBytes,
            int maxDataBytes,
            int maxChannels,
            boolean development) {}
}
