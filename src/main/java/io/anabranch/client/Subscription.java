package io.anabranch.client;

import static io.anabranch.client.Ids.isLater;

import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One reader's place in the log. The cursor says "all up to here was handed on": a new link reads
 * from there, so it does not matter which link a message came by, nor how often.
 */
public final class Subscription {
    /** What a subscription needs of its client. */
    interface Owner {
        void count(Stats.Counter counter);

        void gap(Gap gap);

        void report(Throwable failure);

        void changed(Subscription subscription);

        Future<HistoryPage> patientHistory(String channel, MessageId after);
    }

    private final Owner owner;
    private final String channel;
    private final Consumer<HubMessage> handler;
    private final SubscribeOptions options;

    private volatile int conflate;
    private volatile boolean closed;
    private volatile @Nullable MessageId cursor;
    private @Nullable MessageId start;

    /** Channel → id of the last message handed on; a pattern reads many channels. */
    private final Map<String, Optional<MessageId>> seen = new HashMap<>();

    /** Channels whose last message was a conflated one: the next one's prev proves nothing. */
    private final Set<String> skipping = new HashSet<>();

    /** What waits while a hole is filled; null when none is. */
    private @Nullable List<JsonObject> held;

    Subscription(
            Owner owner, String channel, Consumer<HubMessage> handler, SubscribeOptions options) {
        this.owner = owner;
        this.channel = channel;
        this.handler = handler;
        this.options = options;
        this.conflate = options.conflate();
        this.cursor = Ids.get(options.position(), "after");
        this.start = cursor;
    }

    /** The channel, or the pattern. */
    public String channel() {
        return channel;
    }

    /** At most one message of each channel in so many ms; 0 for all. */
    public int conflate() {
        return conflate;
    }

    public boolean isClosed() {
        return closed;
    }

    /** All up to here was handed on; empty until the hub has said where this began. */
    public Optional<MessageId> cursor() {
        return Optional.ofNullable(cursor);
    }

    /** Changes {@link #conflate()} while reading on; 0 asks for every message again. */
    public void update(int conflateMs) {
        conflate = options.conflate(conflateMs).conflate();
        owner.changed(this);
    }

    /** Ends it. No message is handed on after this returned on the client's context. */
    public void close() {
        if (!closed) {
            closed = true;
            owner.changed(this);
        }
    }

    /** Where to ask the hub to begin: at the cursor, before there is one as the caller said. */
    JsonObject position() {
        MessageId at = cursor;
        return at == null ? options.position() : new JsonObject().put("after", at.toString());
    }

    private boolean isLive() {
        return options.position().isEmpty();
    }

    boolean matches(String name) {
        return channel.endsWith("*") ? name.startsWith(prefix()) : name.equals(channel);
    }

    private String prefix() {
        return channel.endsWith("*") ? channel.substring(0, channel.length() - 1) : channel;
    }

    /** Whether some message may be for both. */
    boolean overlaps(Subscription other) {
        return matches(other.prefix()) || other.matches(prefix());
    }

    /** The hub began to read at {@code head}; so many messages of before it are still to come. */
    void begin(MessageId head, int replayed) {
        if (start == null) {
            start = head;
        }
        if (replayed == 0 || isLive()) {
            mark(head);
        }
    }

    /**
     * An event stream began, before the first message that it will send of any channel. For one
     * channel this is where it began; of several, that asked for their last messages, it tells
     * nothing, and of all that there is neither.
     */
    void beginStream(MessageId at, boolean alone) {
        boolean last = options.position().containsKey("last");
        if (isLive() || (alone && last)) {
            begin(at, 0);
        }
    }

    /** The hub says that nothing up to {@code at} is still to come. */
    void mark(MessageId at) {
        MessageId first = start;
        // While the first messages are on their way, the hub is not at the beginning yet.
        boolean early = first != null && first.epoch().equals(at.epoch()) && first.seq() > at.seq();
        if (held == null && !early && isLater(at, cursor)) {
            cursor = at;
        }
    }

    /** Takes a {@code message} or {@code gap} frame from any link. */
    void take(JsonObject frame) {
        List<JsonObject> waiting = held;
        if (closed) {
            return;
        }
        if (waiting != null) {
            waiting.add(frame);
        } else if (frame.getString("type").equals("gap")) {
            takeGap(frame);
        } else {
            takeMessage(HubMessage.of(frame), frame);
        }
    }

    private void takeMessage(HubMessage message, JsonObject frame) {
        MessageId at = at(message.channel());
        if (isRepeat(message, at)) {
            owner.count(Stats.Counter.REPEATS);
        } else if (at != null && !at.epoch().equals(message.id().epoch())) {
            raise(new Gap(message.channel(), Optional.of(at), message.prev(), "reset"));
            deliver(message);
        } else if (isHole(message, at)) {
            held = new ArrayList<>(List.of(frame));
            repair(message);
        } else {
            deliver(message);
        }
    }

    private void takeGap(JsonObject frame) {
        String name = frame.getString("channel");
        MessageId resumed = Ids.get(frame, "resumed");
        MessageId at = at(name);
        // Read from an older cursor than this reader's own: what is missing there was seen here.
        if (at != null && resumed != null && !isLater(resumed, at)) {
            return;
        }
        Optional<MessageId> from = Optional.ofNullable(Ids.get(frame, "after"));
        raise(new Gap(name, from, Optional.ofNullable(resumed), frame.getString("reason")));
        if (name.equals(channel) && channel.endsWith("*")) {
            // Of a whole pattern: where its channels go on, only their next messages tell.
            seen.clear();
            start = null;
        } else {
            seen.put(name, Optional.ofNullable(resumed));
        }
    }

    private @Nullable MessageId at(String name) {
        Optional<MessageId> last = seen.get(name);
        return last == null ? start : last.orElse(null);
    }

    private boolean isRepeat(HubMessage message, @Nullable MessageId at) {
        if (at == null || isLater(message.id(), at)) {
            return false;
        }
        // The messages that `last` and `earliest` ask for are older than the start.
        return isLive() || seen.containsKey(message.channel());
    }

    private boolean isHole(HubMessage message, @Nullable MessageId at) {
        boolean proves = conflate == 0 && !skipping.contains(message.channel());
        return at != null && proves && message.prev().filter(prev -> isLater(prev, at)).isPresent();
    }

    private void deliver(HubMessage message) {
        if (closed) {
            return;
        }
        seen.put(message.channel(), Optional.of(message.id()));
        if (conflate > 0) {
            skipping.add(message.channel());
        } else {
            skipping.remove(message.channel());
        }
        if (isLater(message.id(), cursor)) {
            cursor = message.id();
        }
        owner.count(Stats.Counter.MESSAGES);
        try {
            handler.accept(message);
        } catch (RuntimeException e) {
            owner.report(e);
        }
    }

    /** Hands on what lies before {@code message}, then that message and what came since. */
    private void repair(HubMessage message) {
        fetchUpTo(message)
                .onFailure(
                        failure -> {
                            owner.report(failure);
                            raiseBefore(message, "unavailable");
                        })
                .onComplete(
                        unused -> {
                            raiseBefore(message, "expired");
                            List<JsonObject> waiting = held == null ? List.of() : held;
                            held = null;
                            waiting.forEach(this::take);
                        });
    }

    private Future<Void> fetchUpTo(HubMessage message) {
        MessageId at = at(message.channel());
        if (closed || at == null || message.prev().filter(prev -> isLater(prev, at)).isEmpty()) {
            return Future.succeededFuture();
        }
        return owner.patientHistory(message.channel(), at)
                .compose(
                        page -> {
                            page.messages().forEach(missing -> fill(missing, message));
                            boolean more = page.more() && !page.messages().isEmpty();
                            return more ? fetchUpTo(message) : Future.succeededFuture();
                        });
    }

    private void fill(HubMessage missing, HubMessage upTo) {
        if (isLater(missing.id(), at(missing.channel())) && isLater(upTo.id(), missing.id())) {
            raiseBefore(missing, "expired");
            owner.count(Stats.Counter.REPAIRED);
            deliver(missing);
        }
    }

    private void raiseBefore(HubMessage message, String reason) {
        MessageId at = at(message.channel());
        if (at != null && message.prev().filter(prev -> isLater(prev, at)).isPresent()) {
            raise(new Gap(message.channel(), Optional.of(at), message.prev(), reason));
            seen.put(message.channel(), message.prev());
        }
    }

    private void raise(Gap gap) {
        if (!closed) {
            owner.count(Stats.Counter.GAPS);
            owner.gap(gap);
        }
    }
}
