package io.anabranch.http;

import io.anabranch.hub.Hub;
import io.anabranch.hub.Presence;
import io.anabranch.metrics.Telemetry;
import io.anabranch.polyglot.Verticles;
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
        AllSessions sessions,
        Addresses addresses,
        Gate gate,
        Publisher publisher,
        Services services,
        Verticles verticles,
        Optional<Faults> faults,
        Protocols protocols,
        Telemetry telemetry,
        LoopMetrics loops,
        Settings settings) {

    /** Why the hub cannot serve now; empty when it can. */
    Optional<String> notReady() {
        return credentials.notReady().or(hub::notReady);
    }

    /**
     * @param heartbeatMs how often a connection hears from the hub, in ms
     * @param batchIntervalMs the least time between two deliveries of a loop, in ms; 0 for none
     * @param maxFrameBytes a client's WebSocket message, in bytes
     * @param maxDataBytes a message's data, in bytes
     * @param maxBatchItems of one JSON array
     * @param maxHistory messages of a page
     * @param maxTokenLifeMs how long a token may be good, in ms; 0 for any time
     */
    record Settings(
            int heartbeatMs,
            int batchIntervalMs,
            int maxFrameBytes,
            int maxDataBytes,
            int maxChannels,
            int maxBatchItems,
            int maxHistory,
            long maxTokenLifeMs,
            boolean development) {}
}
