package io.anabranch.polyglot;

import io.anabranch.message.Refusal;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * What a script of GraalVM is handed of the hub. Bodies and headers cross as JSON text, so that
 * each side has plain objects of its own; the language's prelude hides that.
 */
public final class GraalBridge {
    private static final int FAILED = 500;

    private final ScriptHost host;

    GraalBridge(ScriptHost host) {
        this.host = host;
    }

    @HostAccess.Export
    public void send(String address, String body, String options) {
        host.send(address, Json.decodeValue(body), delivery(options));
    }

    @HostAccess.Export
    public void publish(String address, String body, String options) {
        host.publish(address, Json.decodeValue(body), delivery(options));
    }

    /**
     * @param answered called with {@code (null, 0, body)}, or {@code (reason, code, null)}
     */
    @HostAccess.Export
    public void request(String address, String body, String options, Value answered) {
        host.request(address, Json.decodeValue(body), delivery(options))
                .onSuccess(
                        reply ->
                                host.turn(
                                        () ->
                                                answered.executeVoid(
                                                        null, 0, Json.encode(reply.body()))))
                .onFailure(
                        failure ->
                                host.turn(
                                        () ->
                                                answered.executeVoid(
                                                        String.valueOf(failure.getMessage()),
                                                        code(failure),
                                                        null)));
    }

    private static int code(Throwable failure) {
        return failure instanceof ReplyException reply ? reply.failureCode() : FAILED;
    }

    /**
     * @param handler called with each {@link Incoming}
     */
    @HostAccess.Export
    public Registration consumer(String address, Value handler) {
        return new Registration(
                host.consumer(address, message -> handler.executeVoid(new Incoming(message))));
    }

    /**
     * @param ms a whole number, at least 1
     */
    @HostAccess.Export
    public long timer(long ms, boolean repeats, Value handler) {
        return host.timer(ms, repeats, handler::executeVoid);
    }

    @HostAccess.Export
    public boolean cancel(long timer) {
        return host.cancel(timer);
    }

    /** The verticle's configuration. */
    @HostAccess.Export
    public String config() {
        return host.config().encode();
    }

    /** {@code {"timeout": ms, "headers": {name: text}}}, each of which may be left out. */
    private static DeliveryOptions delivery(String json) {
        JsonObject options = new JsonObject(json);
        DeliveryOptions delivery = new DeliveryOptions();
        Long timeout = options.getLong("timeout");
        if (timeout != null) {
            delivery.setSendTimeout(timeout);
        }
        JsonObject headers = options.getJsonObject("headers", new JsonObject());
        headers.forEach(header -> delivery.addHeader(header.getKey(), text(header.getValue())));
        return delivery;
    }

    private static String text(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw Refusal.badValue("headers", String.valueOf(value), "a text for each name");
    }

    /** A consumer that can be let go. */
    public static final class Registration {
        private final MessageConsumer<Object> consumer;

        Registration(MessageConsumer<Object> consumer) {
            this.consumer = consumer;
        }

        @HostAccess.Export
        public void unregister() {
            var unused = consumer.unregister();
        }
    }

    /** A message that came. */
    public static final class Incoming {
        private final Message<Object> message;

        Incoming(Message<Object> message) {
            this.message = message;
        }

        @HostAccess.Export
        public String address() {
            return message.address();
        }

        @HostAccess.Export
        public String body() {
            return Json.encode(message.body());
        }

        @HostAccess.Export
        public String headers() {
            JsonObject headers = new JsonObject();
            message.headers().forEach(header -> headers.put(header.getKey(), header.getValue()));
            return headers.encode();
        }

        @HostAccess.Export
        public void reply(String body) {
            message.reply(Json.decodeValue(body));
        }

        @HostAccess.Export
        public void fail(int code, String reason) {
            message.fail(code, reason);
        }
    }
}
