package io.anabranch.client;

import io.anabranch.message.MessageId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
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

    private final Context context;
    private final Connection connection;
    private final Outbox outbox;
    private final Internals internals;
    private final Stats stats = new Stats();
    private final Listeners listeners = new Listeners();

    private HubClient(Vertx vertx, URI base, ConnectOptions options) {
        context = vertx.getOrCreateContext();
        TokenSource tokens = options.tokens();
        internals = new Internals(vertx, base, options.client(), tokens);
        outbox = new Outbox(vertx);
        connection = new Connection(vertx, options.transports(), tokens, internals);
        run(connection::start);
    }

    /**
     * Opens a connection to the hub at {@code url}, {@code http:} or {@code https:}; it may have a
     * path, below which the hub is found.
     */
    public static HubClient connect(Vertx vertx, String url, ConnectOptions options) {
        return new HubClient(vertx, URI.create(url.endsWith("/") ? url : url + "/"), options);
    }

    public HubState state() {
        return connection.state();
    }

    /** The one that serves; empty while there is none. */
    public Optional<Transport> transport() {
        return Optional.ofNullable(connection.active()).map(Link::kind);
    }

    public Stats stats() {
        return stats;
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
        Subscription subscription = new Subscription(internals, channel, handler, options);
        internals.changed(subscription);
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
        return ask("publish", args.put("dedup", dedup), true)
                .map(answer -> Ids.required(answer, "id"));
    }

    /**
     * A page of a channel's past.
     *
     * @param after an id or {@code earliest}; empty for the beginning
     * @param limit 1 to 1000 messages
     */
    public Future<HistoryPage> history(String channel, String after, int limit) {
        JsonObject args = new JsonObject().put("channel", channel).put("limit", limit);
        if (!after.isEmpty()) {
            args.put("after", after);
        }
        return ask("history", args, true)
                .map(
                        page -> {
                            List<HubMessage> messages =
                                    page.getJsonArray("messages").stream()
                                            .map(each -> HubMessage.of((JsonObject) each))
                                            .toList();
                            String cursor = page.getString("cursor");
                            return new HistoryPage(messages, cursor, page.getBoolean("more"));
                        });
    }

    /** Who is on a channel: {@code {"count","users":[{"user","session","since"}]}}. */
    public Future<JsonObject> presence(String channel) {
        return ask("presence", new JsonObject().put("channel", channel), true)
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
        return ask("call", args, false).map(answer -> answer.getValue("data"));
    }

    public HubClient onState(Consumer<HubState> listener) {
        listeners.state.add(listener);
        return this;
    }

    public HubClient onTransport(Consumer<Optional<Transport>> listener) {
        listeners.transport.add(listener);
        return this;
    }

    public HubClient onGap(Consumer<Gap> listener) {
        listeners.gap.add(listener);
        return this;
    }

    /** Is told {@code join} and {@code leave} frames (protocol, section 5). */
    public HubClient onPresence(Consumer<JsonObject> listener) {
        listeners.presence.add(listener);
        return this;
    }

    /** Is told a {@link HubException}, or what a handler threw; without a listener it is logged. */
    public HubClient onError(Consumer<Throwable> listener) {
        listeners.error.add(listener);
        return this;
    }

    /** Ends the connection for good; what was not answered is refused. */
    public Future<Void> close() {
        return call(
                () -> {
                    connection.close(null);
                    return internals.closeClients();
                });
    }

    private Future<JsonObject> ask(String op, JsonObject args, boolean repeat) {
        return call(() -> outbox.add(op, args, repeat));
    }

    private void run(Runnable action) {
        context.runOnContext(unused -> action.run());
    }

    private <T> Future<T> call(Supplier<Future<T>> action) {
        Promise<T> promise = Promise.promise();
        run(() -> action.get().onComplete(promise));
        return promise.future();
    }

    /** What the parts below ask of the client and tell it. */
    private final class Internals implements LinkContext, ConnectionListener, Subscription.Owner {
        private final Vertx vertx;
        private final URI base;
        private final String client;
        private final TokenSource tokens;
        private final HttpClient http;
        private final WebSocketClient webSockets;
        private final Rest rest;
        private final Set<Subscription> subscriptions = new LinkedHashSet<>();
        private final Renewal renewal;
        private boolean syncing;

        Internals(Vertx vertx, URI base, String client, TokenSource tokens) {
            this.vertx = vertx;
            this.base = base;
            this.client = client;
            this.tokens = tokens;
            http = Rest.client(vertx);
            webSockets = WebSocketLink.client(vertx);
            rest = new Rest(http, base, tokens);
            renewal = new Renewal(vertx, tokens, this::authenticate, this::report);
        }

        Future<Void> closeClients() {
            return webSockets.close().eventually(http::close);
        }

        private void authenticate(@Nullable String token) {
            Link serving = connection.active();
            if (serving != null) {
                serving.authenticate(token);
            }
        }

        @Override
        public Vertx vertx() {
            return vertx;
        }

        @Override
        public URI base() {
            return base;
        }

        @Override
        public String client() {
            return client;
        }

        @Override
        public HttpClient http() {
            return http;
        }

        @Override
        public WebSocketClient webSockets() {
            return webSockets;
        }

        @Override
        public TokenSource tokens() {
            return tokens;
        }

        @Override
        public Rest rest() {
            return rest;
        }

        @Override
        public Set<Subscription> subscriptions() {
            return subscriptions;
        }

        @Override
        public Link createLink(Transport kind) {
            return kind == Transport.WEBSOCKET
                    ? new WebSocketLink(this, connection)
                    : new SseLink(this, connection);
        }

        @Override
        public void changed(Subscription subscription) {
            run(
                    () -> {
                        if (subscription.isClosed()) {
                            subscriptions.remove(subscription);
                        } else {
                            subscriptions.add(subscription);
                        }
                        syncLater();
                    });
        }

        /** Many calls in one go make one change on the wire. */
        private void syncLater() {
            if (!syncing) {
                syncing = true;
                run(
                        () -> {
                            syncing = false;
                            connection.sync();
                        });
            }
        }

        @Override
        public void presence(Link link, JsonObject frame) {
            if (link == connection.active()) {
                listeners.presence.tell(frame);
            }
        }

        @Override
        public void expires(Link link) {
            if (link == connection.active()) {
                renewal.before(link.expires());
            }
        }

        @Override
        public void refuse(Subscription subscription, HubException error) {
            // At once: what is subscribed to is looked at again before the next turn.
            subscriptions.remove(subscription);
            subscription.close();
            report(error.of(subscription.channel()));
        }

        @Override
        public void reopen(Link link) {
            connection.reopen(link);
        }

        @Override
        public void serving(Link link) {
            outbox.use(link);
            renewal.before(link.expires());
        }

        @Override
        public void stateChanged(HubState state) {
            listeners.state.tell(state);
        }

        @Override
        public void transportChanged(Optional<Transport> transport) {
            listeners.transport.tell(transport);
        }

        @Override
        public void connectionClosed(@Nullable HubException error) {
            renewal.cancel();
            List.copyOf(subscriptions).forEach(Subscription::close);
            outbox.close(error == null ? HubException.closed() : error);
            if (error != null) {
                report(error);
                closeClients().onFailure(this::report);
            }
        }

        @Override
        public void count(Stats.Counter counter) {
            stats.count(counter);
        }

        @Override
        public void gap(Gap gap) {
            listeners.gap.tell(gap);
        }

        @Override
        public Future<HistoryPage> patientHistory(String channel, MessageId after) {
            return patientHistory(channel, after, 0);
        }

        /** History for filling a hole: waits for a connection, and asks again where that helps. */
        private Future<HistoryPage> patientHistory(String channel, MessageId after, int attempt) {
            return connection
                    .whenOpen()
                    .compose(unused -> history(channel, after.toString(), 1_000))
                    .recover(
                            failure -> {
                                HubException error = HubException.of(failure);
                                int status = error.status();
                                boolean passing = status == 0 || status == 429 || status >= 500;
                                if (attempt == 4 || !passing) {
                                    return Future.failedFuture(error);
                                }
                                long wait = Timing.Backoff.RECONNECT.wait(attempt) + 1;
                                return vertx.timer(error.retryAfterMs() + wait)
                                        .compose(
                                                again ->
                                                        patientHistory(
                                                                channel, after, attempt + 1));
                            });
        }

        @Override
        public void report(Throwable failure) {
            listeners.report(failure);
        }
    }
}
