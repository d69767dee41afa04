package io.anabranch.client;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events downstream, REST upstream. A request cannot be changed, so new subscriptions
 * begin on a stream of their own.
 */
final class SseLink extends Link {
    /** So many streams are gathered into fewer where that can be. */
    private static final int MOST_STREAMS = 4;

    private final List<SseStream> streams = new ArrayList<>();
    private boolean connected;

    SseLink(LinkContext context, Events events) {
        super(context, events);
    }

    @Override
    Transport kind() {
        return Transport.SSE;
    }

    @Override
    boolean pingable() {
        return false;
    }

    @Override
    boolean pipelines() {
        return false;
    }

    @Override
    void connect() {
        connected = true;
        sync();
        checkReady();
    }

    /** Its subscriptions are in the requests already. */
    @Override
    void join() {}

    @Override
    void ping() {}

    @Override
    void sync() {
        if (!connected || isClosed()) {
            return;
        }
        List.copyOf(streams).stream().filter(stream -> !stream.isWanted()).forEach(this::remove);
        List<Subscription> missing =
                context.subscriptions().stream()
                        .filter(each -> streams.stream().noneMatch(stream -> stream.carries(each)))
                        .toList();
        groups(missing).forEach(this::openStream);
        boolean gatherable = streams.size() > groups(context.subscriptions()).size() + 1;
        if (streams.size() > MOST_STREAMS && gatherable) {
            context.reopen(this);
        }
    }

    /** Together what one request can ask for. */
    private static Collection<List<Subscription>> groups(Collection<Subscription> subscriptions) {
        Map<String, List<Subscription>> groups = new LinkedHashMap<>();
        for (Subscription each : subscriptions) {
            String where =
                    each.cursor().map(id -> id.epoch()).orElseGet(() -> each.position().encode());
            groups.computeIfAbsent(each.conflate() + " " + where, key -> new ArrayList<>())
                    .add(each);
        }
        return groups.values();
    }

    private void openStream(List<Subscription> subscriptions) {
        SseStream stream = new SseStream(this, subscriptions);
        streams.add(stream);
        wires.add(stream);
        stream.open();
    }

    private void remove(SseStream stream) {
        stream.close();
        streams.remove(stream);
        wires.remove(stream);
    }

    @Override
    Future<JsonObject> request(String op, JsonObject args) {
        return context.rest().request(op, args);
    }

    /** A stream's token cannot be changed either: another link takes over. */
    @Override
    void authenticate(@Nullable String renewed) {
        context.reopen(this);
    }

    void streamDown(SseStream stream, List<Subscription> subscriptions, HubException error) {
        if (isClosed() || !streams.contains(stream)) {
            return;
        }
        if (!refuses(error)) {
            fail(error);
            return;
        }
        remove(stream);
        // Those that the hub names are refused; where it names none, each is asked for alone.
        List<Subscription> named =
                subscriptions.stream()
                        .filter(each -> error.channels().contains(each.channel()))
                        .toList();
        if (named.isEmpty() && subscriptions.size() > 1) {
            subscriptions.forEach(each -> openStream(List.of(each)));
            return;
        }
        (named.isEmpty() ? subscriptions : named).forEach(each -> context.refuse(each, error));
        sync();
        checkReady();
    }
}
