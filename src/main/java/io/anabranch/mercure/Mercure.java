package io.anabranch.mercure;

import io.anabranch.adapter.Door;
import io.anabranch.hub.Hub;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.List;

/**
 * Speaks the Mercure protocol (draft-dunglas-mercure-07) at {@code /.well-known/mercure}. One for
 * all event loops. A topic is a channel, an update a message; what is not had stands in {@code
 * docs/protocols.md}.
 */
public final class Mercure {
    /** What hubs ask each other for. */
    public static final String SUBSCRIPTIONS = "mercure.subscriptions";

    private static final String PATH = "/.well-known/mercure";

    private final MercureOptions options;
    private final SubscriptionList subscriptions;

    public Mercure(MercureOptions options, Hub hub) {
        this.options = options;
        this.subscriptions = new SubscriptionList(hub, options.subscriptions());
    }

    /** Adds its routes, for one event loop. */
    public void mount(Router router, Door door) {
        router.get(PATH).handler(new SubscribeHandler(door, options, subscriptions));
        router.post(PATH).handler(new PublishHandler(door, options.cookie()));
        if (options.subscriptions()) {
            router.getWithRegex("\\/\\.well-known\\/mercure\\/subscriptions(\\/[^\\/]+){0,2}")
                    .setName(SubscriptionList.PATH)
                    .handler(new SubscriptionHandler(door, options.cookie(), subscriptions));
        }
    }

    /** The active subscriptions of this hub, for others that share its log. By any thread. */
    public List<JsonObject> subscriptions() {
        return subscriptions.active().toList();
    }
}
