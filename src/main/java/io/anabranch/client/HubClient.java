package io.anabranch.client;

import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a hub, kept open over whatever transport works. Each subscriber sees each message
 * once and in order; what cannot be had is a {@link Gap}, never silence.
 *
 * <p>Methods may be called from any thread. Handlers, listeners and futures are called on the
 * context of Vert.x that {@link #connect} was called on, or made.
 */
public final class HubClient {
    private static final int MAX_CHANNEL = 255;

    private final ClientCore core;

    private HubClient(ClientCore core) {
        this.core = core;
    }

    /**
     * Opens a connection to the hub at {@code url}, {@code http:} or {@code https:}; it may have a
     * path, below which the hub is found.
     */
    public static HubClient connect(Vertx vertx, String url, ConnectOptions options) {
        URI base = URI.create(url.endsWith("/") ? url : url + "/");
        ClientCore core = new ClientCore(vertx, base, options);
        core.start();
        return new HubClient(core);
    }

    public HubState state() {
        return core.state();
    }

    /** The one that serves; empty while there is none. */
    public Optional<Transport> transport() {
        return core.transport();
    }

    public Stats stats() {
        return core.stats();
    }

    /**
     * Hands each message of a channel or pattern to {@code handler}, once and in order, until it is
     * closed.
     *
     * @throws HubException {@code bad_request} when the channel breaks the grammar, {@code closed}
     */
    public Subscription subscribe(
            String channel, Consumer<HubMessage> handler, SubscribeOptions options) {
        if (state() == HubState.CLOSED) {
            throw HubException.closed();
        }
        if (channel.length() > MAX_CHANNEL
                || !channel.matches("[A-Za-z0-9._:/@~-]*([A-Za-z0-9._:/@~-]|\\*)")) {
            String expected = "1 to 255 of A-Z a-z 0-9 . _ - : / @ ~, at most one * at the end";
            throw HubException.badValue("channel", channel, expected);
        }
        Subscription subscription = new Subscription(core, channel, handler, options);
        core.changed(subscription);
        return subscription;
    }

    /** Publishes JSON; gives the message's id when the log has it. */
    public Future<MessageId> publish(String channel, @Nullable Object data) {
        return publish(channel, data, "message", UUID.randomUUID().toString());
    }

    /**
     * Publishes JSON; gives the message's id when the log has it. Repeated over a broken connection
     * without being doubled.
     *
     * @param dedup by which the hub knows a repeat
     */
    public Future<MessageId> publish(
            String channel, @Nullable Object data, String event, String dedup) {
        JsonObject args = new JsonObject().put("channel", channel).put("data", data);
        if (!event.equals("message")) {
            args.put("event", event);
        }
        return core.ask("publish", args.put("dedup", dedup), true)
                .map(answer -> Ids.required(answer, "id"));
    }

    /**
     * A page of a channel's past.
     *
     * @param after an id or {@code earliest}; empty for the beginning
     * @param limit 1 to 1000 messages
     */
    public Future<HistoryPage> history(String channel, String after, int limit) {
        return core.history(channel, after, limit);
    }

    /** Who is on a channel: {@code {"count","users":[{"user","session","since"}]}}. */
    public Future<JsonObject> presence(String channel) {
        return core.ask("presence", new JsonObject().put("channel", channel), true)
                .map(
                        answer ->
                                new JsonObject()
                                        .put("count", answer.getInteger("count"))
                                        .put(
                                                "users",
                                                answer.getJsonArray("users", new JsonArray())));
    }

    /** Asks a service behind the hub. Never repeated: nobody knows whether it ran twice. */
    public Future<@Nullable Object> call(String service, @Nullable Object data) {
        JsonObject args = new JsonObject().put("service", service).put("data", data);
        return core.ask("call", args, false).map(answer -> answer.getValue("data"));
    }

    public HubClient onState(Consumer<HubState> listener) {
        core.listeners().state.add(listener);
        return this;
    }

    public HubClient onTransport(Consumer<Optional<Transport>> listener) {
        core.listeners().transport.add(listener);
        return this;
    }

    public HubClient onGap(Consumer<Gap> listener) {
        core.listeners().gap.add(listener);
        return this;
    }

    /** Is told {@code join} and {@code leave} frames (protocol, section 5). */
    public HubClient onPresence(Consumer<JsonObject> listener) {
        core.listeners().presence.add(listener);
        return this;
    }

    /** Is told a {@link HubException}, or what a handler threw; without a listener it is logged. */
    public HubClient onError(Consumer<Throwable> listener) {
        core.listeners().error.add(listener);
        return this;
    }

    /** Ends the connection for good; what was not answered is refused. */
    public Future<Void> close() {
        return core.close();
    }
}
