package io.anabranch.client;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One transport, open or being opened. It reads from cursors and judges nothing. */
abstract class Link {
    static final long NEVER = Long.MAX_VALUE / 4;

    /** What a link tells the connection. */
    interface Events {
        void ready(Link link);

        void caughtUp(Link link);

        void heard(Link link);

        void down(Link link, HubException error);
    }

    final LinkContext context;
    final Events events;
    final List<Wire> wires = new ArrayList<>();
    @Nullable String token;
    private final long born = Timing.now();
    private boolean ready;
    private boolean closed;
    private long heartbeat = NEVER;
    private @Nullable Long expires;

    Link(LinkContext context, Events events) {
        this.context = context;
        this.events = events;
    }

    abstract Transport kind();

    /** Whether it can be asked for a sign of life. */
    abstract boolean pingable();

    /** Whether requests keep their order without waiting for each other's answers. */
    abstract boolean pipelines();

    abstract void connect();

    /** Starts to carry the subscriptions; {@code caughtUp} is told when nothing is missing. */
    abstract void join();

    /** Makes the wires carry what they should: each open subscription, and nothing else. */
    abstract void sync();

    /** Asks every wire for a sign of life. */
    abstract void ping();

    abstract Future<JsonObject> request(String op, JsonObject args);

    abstract void authenticate(@Nullable String renewed);

    void open() {
        context.tokens()
                .get()
                .onSuccess(
                        given -> {
                            if (!closed) {
                                token = given;
                                connect();
                            }
                        })
                .onFailure(failure -> fail(HubException.of(failure)));
    }

    void close() {
        closed = true;
        List.copyOf(wires).forEach(Wire::close);
    }

    /** Ends this link by a failure, and tells it once. */
    void fail(HubException error) {
        if (!closed) {
            close();
            events.down(this, error);
        }
    }

    boolean isReady() {
        return ready;
    }

    boolean isClosed() {
        return closed;
    }

    /** In ms. */
    long heartbeat() {
        return heartbeat;
    }

    /** When the token ends, in ms since 1970 UTC. */
    @Nullable Long expires() {
        return expires;
    }

    /** When the most silent of its wires was heard last. */
    long heardAt() {
        return wires.stream().mapToLong(wire -> wire.heardAt).min().orElse(born);
    }

    /**
     * Whether a subscription is refused, and not the connection. A visitor has no token to renew,
     * so 401 concerns what was asked for.
     */
    boolean refuses(HubException error) {
        boolean visitor = token == null && !context.tokens().isRenewable();
        return error.isRefusal() || (visitor && error.status() == 401 && !error.isClose());
    }

    void hear(Wire wire) {
        wire.heardAt = Timing.now();
        events.heard(this);
    }

    /** Takes what a {@code ready} frame says about the connection. */
    void welcome(JsonObject frame) {
        heartbeat = frame.getLong("heartbeat", NEVER);
        setExpires(frame.getLong("expires"));
    }

    void setExpires(@Nullable Long at) {
        expires = at;
        context.expires(this);
    }

    void checkReady() {
        if (!ready && !closed && wires.stream().allMatch(wire -> wire.ready)) {
            ready = true;
            events.ready(this);
        }
    }

    HubException late(boolean answered) {
        String text =
                kind() + (answered ? " opened, but nothing arrives" : " did not open in 10 s");
        return new HubException(0, answered ? "buffered" : "timeout", text);
    }
}
