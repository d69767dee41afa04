package io.anabranch.polyglot;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The event bus of a script in Groovy: bodies are maps, lists, numbers, texts and booleans. */
public final class GroovyEventBus {
    private final ScriptHost host;

    GroovyEventBus(ScriptHost host) {
        this.host = host;
    }

    public void send(String address, @Nullable Object body) {
        send(address, body, new DeliveryOptions());
    }

    public void send(String address, @Nullable Object body, DeliveryOptions options) {
        host.send(address, Plain.toJson(body), options);
    }

    public void publish(String address, @Nullable Object body) {
        host.publish(address, Plain.toJson(body), new DeliveryOptions());
    }

    /** Asks, and gives the body of the answer; a failure has its code as {@code failureCode()}. */
    public Future<@Nullable Object> request(String address, @Nullable Object body) {
        return request(address, body, new DeliveryOptions());
    }

    /** As {@link #request(String, Object)}, with headers or a time-out. */
    public Future<@Nullable Object> request(
            String address, @Nullable Object body, DeliveryOptions options) {
        Promise<@Nullable Object> answer = Promise.promise();
        host.request(address, Plain.toJson(body), options)
                .onSuccess(reply -> host.turn(() -> answer.complete(Plain.ofJson(reply.body()))))
                .onFailure(failure -> host.turn(() -> answer.fail(failure)));
        return answer.future();
    }

    public MessageConsumer<Object> consumer(String address, Consumer<Incoming> handler) {
        return host.consumer(address, message -> handle(handler, new Incoming(message)));
    }

    private static void handle(Consumer<Incoming> handler, Incoming message) {
        try {
            handler.accept(message);
        } catch (RuntimeException e) {
            message.fail(500, message.getAddress() + ": failed; the hub's log says why");
            throw e;
        }
    }

    /** A message that came. */
    public static final class Incoming {
        private final Message<Object> message;

        Incoming(Message<Object> message) {
            this.message = message;
        }

        public String getAddress() {
            return message.address();
        }

        public @Nullable Object getBody() {
            return Plain.ofJson(message.body());
        }

        public Map<String, String> getHeaders() {
            Map<String, String> headers = new LinkedHashMap<>();
            message.headers().forEach(header -> headers.put(header.getKey(), header.getValue()));
            return headers;
        }

        public void reply(@Nullable Object body) {
            message.reply(Plain.toJson(body));
        }

        public void fail(int code, String reason) {
            message.fail(code, reason);
        }
    }
}
