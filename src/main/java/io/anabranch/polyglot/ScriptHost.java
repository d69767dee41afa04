package io.anabranch.polyglot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a script may use of the hub: the event bus, timers, its configuration and the log. Whatever
 * calls the script does so as one of its turns, on its verticle's thread.
 */
final class ScriptHost {
    private static final Logger LOG = LoggerFactory.getLogger("io.anabranch.verticle");

    private final Vertx vertx;
    private final String name;
    private final JsonObject config;
    private final Consumer<Runnable> turn;

    /**
     * @param turn runs something as a turn of the script; failures are taken care of there
     */
    ScriptHost(Vertx vertx, String name, JsonObject config, Consumer<Runnable> turn) {
        this.vertx = vertx;
        this.name = name;
        this.config = config;
        this.turn = turn;
    }

    JsonObject config() {
        return config;
    }

    void send(String address, @Nullable Object body, DeliveryOptions options) {
        vertx.eventBus().send(address, body, options);
    }

    void publish(String address, @Nullable Object body, DeliveryOptions options) {
        vertx.eventBus().publish(address, body, options);
    }

    /** The handlers that are put on the answer have to make a turn of what they call. */
    Future<Message<Object>> request(
            String address, @Nullable Object body, DeliveryOptions options) {
        return vertx.eventBus().request(address, body, options);
    }

    MessageConsumer<Object> consumer(String address, Consumer<Message<Object>> handler) {
        return vertx.eventBus()
                .consumer(address, message -> turn.accept(() -> handler.accept(message)));
    }

    /**
     * @param ms at least 1
     */
    long timer(long ms, boolean repeats, Runnable handler) {
        return repeats
                ? vertx.setPeriodic(ms, id -> turn.accept(handler))
                : vertx.setTimer(ms, id -> turn.accept(handler));
    }

    boolean cancel(long timer) {
        return vertx.cancelTimer(timer);
    }

    void turn(Runnable work) {
        turn.accept(work);
    }

    void log(String line) {
        LOG.info("{}: {}", name, line);
    }

    void warn(String line) {
        LOG.warn("{}: {}", name, line);
    }
}
