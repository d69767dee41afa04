package io.anabranch.client;

import io.anabranch.message.MessageId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link HubClient} is made of, on one context: a connection, the requests that outlive it
 * and the subscriptions. Each part asks the others, and tells them, through this.
 */
final class ClientCore implements LinkContext, ConnectionListener, Subscription.Owner {
    private final Vertx vertx;
    private final Context context;
    private final URI base;
    private final String client;
    private final TokenSource tokens;
    private final HttpClient http;
    private final WebSocketClient webSockets;
    private final Rest rest;
    private final Set<Subscription> subscriptions = new LinkedHashSet<>();
    private final Stats stats = new Stats();
    private final Listeners listeners = new Listeners();
    private final Renewal renewal;
    private final Outbox outbox;
    private final Connection connection;
    private boolean syncing;

    /** Nothing happens before {@link #start}. */
    ClientCore(Vertx vertx, URI base, ConnectOptions options) {
        this.vertx = vertx;
        this.base = base;
        context = vertx.getOrCreateContext();
        client = options.client();
        tokens = options.tokens();
        http = Rest.client(vertx);
        webSockets = WebSocketLink.client(vertx);
        rest = new Rest(http, base, tokens);
        renewal = new Renewal(vertx, tokens, this::authenticate, this::report);
        outbox = new Outbox(vertx);
        connection = new Connection(vertx, options.transports(), tokens, this);
    }

    void start() {
        run(connection::start);
    }

    HubState state() {
        return connection.state();
    }

    Optional<Transport> transport() {
        return Optional.ofNullable(connection.active()).map(Link::kind);
    }

    Stats stats() {
        return stats;
    }

    Listeners listeners() {
        return listeners;
    }

    Future<Void> close() {
        return call(
                () -> {
                    connection.close(null);
                    return closeClients();
                });
    }

    /**
     * Asks the hub, now or when there is a connection.
     *
     * @param repeat whether it is asked again when the connection breaks before the answer
     */
    Future<JsonObject> ask(String op, JsonObject args, boolean repeat) {
        return call(() -> outbox.add(op, args, repeat));
    }

    /** See {@link HubClient#history}. */
    Future<HistoryPage> history(String channel, String after, int limit) {
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

    private void run(Runnable action) {
        context.runOnContext(unused -> action.run());
    }

    private <T> Future<T> call(Supplier<Future<T>> action) {
        Promise<T> promise = Promise.promise();
        run(() -> action.get().onComplete(promise));
        return promise.future();
    }

    private Future<Void> closeClients() {
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
                                    .compose(again -> patientHistory(channel, after, attempt + 1));
                        });
    }

    @Override
    public void report(Throwable failure) {
        listeners.report(failure);
    }
}
