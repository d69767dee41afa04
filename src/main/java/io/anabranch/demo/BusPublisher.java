package io.anabranch.demo;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Publishes through the event bus; says once when that begins to fail, and once when it is over.
 */
final class BusPublisher {

    private static final String ADDRESS = "anabranch.publish";
    private static final Logger LOG = System.getLogger(BusPublisher.class.getName());

    private final Vertx vertx;
    private int inFlight;
    private boolean failing;

    BusPublisher(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Publishes {@code data}, a JSON value, as an ordinary message. */
    Future<Message<JsonObject>> publish(String channel, Object data) {
        return send(new JsonObject().put("channel", channel).put("data", data));
    }

    /** Publishes {@code data}, a JSON value, under an event name. */
    Future<Message<JsonObject>> publish(String channel, String event, Object data) {
        return send(new JsonObject().put("channel", channel).put("event", event).put("data", data));
    }

    /** How many messages the hub has not answered yet. */
    int inFlight() {
        return inFlight;
    }

    private Future<Message<JsonObject>> send(JsonObject item) {
        inFlight++;
        return vertx.eventBus()
                .<JsonObject>request(ADDRESS, item)
                .onComplete(stored -> inFlight--)
                .onSuccess(stored -> recovered())
                .onFailure(failure -> failed(item.getString("channel"), failure));
    }

    private void recovered() {
        if (failing) {
            failing = false;
            LOG.log(Level.INFO, "publishing works again");
        }
    }

    private void failed(String channel, Throwable failure) {
        if (!failing) {
            failing = true;
            LOG.log(Level.WARNING, "cannot publish to {0}: {1}", channel, failure.getMessage());
        }
    }
}
