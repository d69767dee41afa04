package io.anabranch.http;

import io.anabranch.bridge.EventBusBridge;
import io.anabranch.cluster.Peers;
import io.anabranch.config.Config;
import io.anabranch.hub.Hub;
import io.anabranch.mercure.Mercure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.util.Optional;

/** The other protocols that the hub is to speak, for all event loops. */
record Protocols(Optional<Mercure> mercure, Optional<EventBusBridge> bridge, Peers peers) {
    static final Protocols NONE = new Protocols(Optional.empty(), Optional.empty(), Peers.none());

    static Protocols of(Config.Protocols config, Hub hub, Peers peers) {
        Optional<Mercure> mercure = mercure(config, hub);
        mercure.ifPresent(
                it ->
                        peers.answer(
                                Mercure.SUBSCRIPTIONS,
                                unused -> Future.succeededFuture(it.subscriptions())));
        return new Protocols(
                mercure,
                Optional.ofNullable(config.eventBusBridge()).map(EventBusBridge::new),
                peers);
    }

    private static Optional<Mercure> mercure(Config.Protocols config, Hub hub) {
        return Optional.ofNullable(config.mercure()).map(options -> new Mercure(options, hub));
    }

    /** Adds their routes, for one event loop. */
    void mount(Vertx vertx, Router router, LoopDoor door) {
        bridge.ifPresent(it -> it.mount(vertx, router, door));
        mercure.ifPresent(it -> it.mount(router, door));
    }
}
