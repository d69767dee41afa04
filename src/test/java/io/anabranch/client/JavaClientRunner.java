package io.anabranch.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Does with the client what lines on standard input say, and tells what it hears (see {@link
 * ClientProcess}).
 */
final class JavaClientRunner {
    private final String name;
    private final HubClient hub;
    private final AtomicInteger asked = new AtomicInteger();
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();

    private JavaClientRunner(Vertx vertx, JsonObject command) {
        name = command.getString("hub");
        ConnectOptions options = new ConnectOptions();
        JsonArray tokens = command.getJsonArray("tokens");
        if (command.getBoolean("fixed", false)) {
            options.token(tokens.getString(0));
        } else {
            options.token(
                    () -> {
                        int next = Math.min(asked.getAndIncrement(), tokens.size() - 1);
                        return Future.succeededFuture(tokens.getString(next));
                    });
        }
        if (command.containsKey("transports")) {
            String pinned = command.getJsonArray("transports").getString(0);
            options.transports(Transport.valueOf(pinned.toUpperCase(Locale.ROOT)));
        }
        hub = HubClient.connect(vertx, command.getString("url"), options);
        hub.onState(state -> tell("state", word(state)));
        hub.onTransport(kind -> tell("transport", kind.map(JavaClientRunner::word).orElse(null)));
        hub.onGap(gap -> tell("gap", json(gap)));
        hub.onPresence(news -> tell(news.getString("type"), news));
        hub.onError(failure -> tell("error", json(failure)));
    }

    public static void main(String[] args) throws IOException {
        Vertx vertx = Vertx.vertx();
        Map<String, JavaClientRunner> clients = new HashMap<>();
        var lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonObject command = new JsonObject(line);
            String hub = command.getString("hub");
            if (command.getString("do").equals("connect")) {
                clients.put(hub, new JavaClientRunner(vertx, command));
            }
            Objects.requireNonNull(clients.get(hub)).answer(command);
        }
        System.exit(0);
    }

    private static void say(JsonObject line) {
        System.out.println(line.encode());
    }

    private void tell(String event, @Nullable Object value) {
        say(new JsonObject().put("hub", name).put("event", event).put("value", value));
    }

    private void answer(JsonObject command) {
        JsonObject line = new JsonObject().put("ref", command.getInteger("ref"));
        act(command)
                .onSuccess(answer -> say(line.put("ok", answer)))
                .onFailure(failure -> say(line.put("error", json(failure))));
    }

    private Future<JsonObject> act(JsonObject command) {
        String channel = command.getString("channel");
        JsonObject options = command.getJsonObject("options", new JsonObject());
        return switch (command.getString("do")) {
            case "connect" -> done();
            case "subscribe" -> subscribe(command.getString("sub"), channel, options);
            case "update" -> {
                subscription(command).update(command.getInteger("conflate"));
                yield done();
            }
            case "look" -> Future.succeededFuture(look(command));
            case "publish" ->
                    hub.publish(
                                    channel,
                                    command.getValue("data"),
                                    "message",
                                    options.getString("dedup", UUID.randomUUID().toString()))
                            .map(id -> new JsonObject().put("id", id.toString()));
            case "history" ->
                    hub.history(channel, "", options.getInteger("limit", 100))
                            .map(JavaClientRunner::json);
            case "presence" -> hub.presence(channel);
            case "call" ->
                    hub.call(command.getString("service"), command.getValue("data"))
                            .map(data -> new JsonObject().put("data", data));
            case "close" -> hub.close().map(closed -> new JsonObject());
            default -> throw new IllegalArgumentException(command.encode());
        };
    }

    private static Future<JsonObject> done() {
        return Future.succeededFuture(new JsonObject());
    }

    private Future<JsonObject> subscribe(String sub, String channel, JsonObject json) {
        SubscribeOptions options =
                new SubscribeOptions(
                        json.getString("after", ""),
                        json.getInteger("last", 0),
                        json.getInteger("conflate", 0));
        JsonObject event =
                new JsonObject().put("hub", name).put("event", "message").put("sub", sub);
        subscriptions.put(
                sub,
                hub.subscribe(
                        channel,
                        message -> say(event.copy().put("value", json(message))),
                        options));
        return done();
    }

    private Subscription subscription(JsonObject command) {
        return Objects.requireNonNull(subscriptions.get(command.getString("sub")));
    }

    private JsonObject look(JsonObject command) {
        JsonObject seen =
                new JsonObject()
                        .put("state", word(hub.state()))
                        .put("transport", hub.transport().map(JavaClientRunner::word).orElse(null))
                        .put("tokens", asked.get());
        if (command.containsKey("sub")) {
            Subscription subscription = subscription(command);
            seen.put("cursor", text(subscription.cursor())).put("closed", subscription.isClosed());
        }
        return seen;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable String text(Optional<?> value) {
        return value.map(Object::toString).orElse(null);
    }

    private static JsonObject json(HubMessage message) {
        return new JsonObject()
                .put("id", message.id().toString())
                .put("prev", text(message.prev()))
                .put("channel", message.channel())
                .put("data", message.data());
    }

    private static JsonObject json(HistoryPage page) {
        JsonArray messages = new JsonArray();
        page.messages().forEach(message -> messages.add(json(message)));
        return new JsonObject()
                .put("messages", messages)
                .put("cursor", page.cursor())
                .put("more", page.more());
    }

    private static JsonObject json(Gap gap) {
        return new JsonObject()
                .put("channel", gap.channel())
                .put("after", text(gap.after()))
                .put("resumed", text(gap.resumed()))
                .put("reason", gap.reason());
    }

    private static JsonObject json(Throwable failure) {
        JsonObject json = new JsonObject().put("message", failure.toString());
        if (failure instanceof HubException refused) {
            json.put("status", refused.status()).put("code", refused.code());
            json.put("channel", text(refused.channel()));
        }
        return json;
    }
}
