package io.anabranch.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.hub.Hold;
import io.anabranch.hub.MemberId;
import io.anabranch.hub.Presence;
import io.anabranch.message.Channel;
import io.nats.client.Message;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the presence of all hubs the same. Each numbers the changes of whom it holds and tells
 * them; who misses a number asks that hub for all that it holds. So a message that is lost on the
 * way costs a moment, and a hub's load goes with its changes, not with its members. For the
 * cluster's thread, but where it says otherwise.
 */
final class SharedPresence implements NatsPeers.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(SharedPresence.class);
    private static final String TOPIC = "presence";
    private static final int CHANGES_PER_MESSAGE = 500;

    /** What is kept of a hub's changes while it is asked for all. */
    private static final int MOST_WAITING = 1_000;

    private static final long ASK_MS = 5_000;
    private static final long FIRST_MS = 300;
    private static final long FIRST_AT_MOST_MS = 3_000;

    private final ScheduledExecutorService thread;
    private final String subject;
    private final String id;
    private final Map<String, Other> others = new HashMap<>();
    private @Nullable NatsPeers peers;
    private @Nullable Presence presence;

    /** The number of the last change that was told. */
    private volatile long told;

    /** Guarded by itself: event loops add to it. */
    private final List<Hold.Change> untold = new ArrayList<>();

    SharedPresence(ScheduledExecutorService thread, String subjects, String id) {
        this.thread = thread;
        this.subject = subjects + TOPIC;
        this.id = id;
    }

    /** Another hub, and up to where its changes are known. */
    private static final class Other {
        long known = -1;
        boolean asking;
        final TreeMap<Long, JsonArray> waiting = new TreeMap<>();
    }

    /** Begins, from any thread; completes as {@link Cluster#share} does. */
    Future<Void> begin(NatsPeers others, Presence shared) {
        Promise<Void> begun = Promise.promise();
        thread.execute(
                () -> {
                    peers = others;
                    presence = shared;
                    shared.listen(this::note);
                    others.answer(TOPIC, question -> Future.succeededFuture(all(shared)));
                    others.listen(subject, message -> onChanges(shared, message));
                    others.sayHello();
                    thread.scheduleWithFixedDelay(
                            Threads.guarded(() -> tell(others)),
                            Presence.BEAT_MS,
                            Presence.BEAT_MS,
                            TimeUnit.MILLISECONDS);
                    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FIRST_AT_MOST_MS);
                    thread.schedule(() -> first(begun, end), FIRST_MS, TimeUnit.MILLISECONDS);
                });
        return begun.future();
    }

    private void first(Promise<Void> begun, long end) {
        boolean complete = others.values().stream().allMatch(other -> other.known >= 0);
        if (complete || System.nanoTime() - end > 0) {
            begun.complete();
        } else {
            thread.schedule(() -> first(begun, end), Presence.BEAT_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void note(Hold.Change change) {
        synchronized (untold) {
            untold.add(change);
        }
    }

    private void tell(NatsPeers all) {
        List<Hold.Change> changes;
        synchronized (untold) {
            changes = List.copyOf(untold);
            untold.clear();
        }
        for (int i = 0; i < changes.size(); i += CHANGES_PER_MESSAGE) {
            JsonArray some = new JsonArray();
            changes.subList(i, Math.min(i + CHANGES_PER_MESSAGE, changes.size()))
                    .forEach(it -> some.add(toJson(it.hold()).put("begins", it.begins())));
            JsonObject message =
                    new JsonObject().put("hub", id).put("number", ++told).put("changes", some);
            // What is not sent now, the others miss by its number.
            all.publish(subject, null, message.toBuffer().getBytes());
        }
    }

    /**
     * All that this hub holds. Changes that are told later may be in it: to hear one again is no
     * harm.
     */
    private List<JsonObject> all(Presence shared) {
        List<JsonObject> all = new ArrayList<>();
        all.add(new JsonObject().put("number", told));
        shared.holds().forEach(hold -> all.add(toJson(hold)));
        return all;
    }

    private void onChanges(Presence shared, Message message) {
        JsonObject json = new JsonObject(new String(message.getData(), UTF_8));
        String hub = json.getString("hub");
        Other other = others.get(hub);
        if (other == null) {
            return;
        }
        if (other.waiting.size() < MOST_WAITING) {
            other.waiting.put(json.getLong("number"), json.getJsonArray("changes"));
        }
        takeWaiting(shared, hub, other);
    }

    private void takeWaiting(Presence shared, String hub, Other other) {
        if (other.asking) {
            return;
        }
        other.waiting.headMap(other.known, true).clear();
        while (!other.waiting.isEmpty() && other.waiting.firstKey() == other.known + 1) {
            apply(shared, hub, other.waiting.pollFirstEntry().getValue());
            other.known++;
        }
        if (!other.waiting.isEmpty()) {
            ask(hub, other);
        }
    }

    private static void apply(Presence shared, String hub, JsonArray changes) {
        for (int i = 0; i < changes.size(); i++) {
            JsonObject change = changes.getJsonObject(i);
            Hold hold = fromJson(change);
            if (change.getBoolean("begins")) {
                shared.holdElsewhere(hub, hold);
            } else {
                shared.letGoElsewhere(hub, hold.channel(), hold.id());
            }
        }
    }

    @Override
    public long mark() {
        return told;
    }

    @Override
    public void alive(String hub, long mark) {
        Other other = others.computeIfAbsent(hub, unused -> new Other());
        if (other.known < mark) {
            ask(hub, other);
        }
    }

    private void ask(String hub, Other other) {
        NatsPeers all = peers;
        Presence shared = presence;
        if (other.asking || all == null || shared == null) {
            return;
        }
        other.asking = true;
        all.ask(hub, TOPIC, new JsonObject(), ASK_MS)
                .onComplete(
                        answer ->
                                thread.execute(
                                        Threads.guarded(
                                                () -> {
                                                    other.asking = false;
                                                    if (answer.succeeded()) {
                                                        take(shared, hub, other, answer.result());
                                                    } else {
                                                        // With its next sign of life again.
                                                        LOG.warn(
                                                                "who is at hub {} is not known: {}",
                                                                hub,
                                                                answer.cause().getMessage());
                                                    }
                                                })));
    }

    private void take(Presence shared, String hub, Other other, List<JsonObject> answer) {
        // It may have ended meanwhile, or not share its presence yet.
        if (others.get(hub) != other || answer.isEmpty()) {
            return;
        }
        other.known = answer.get(0).getLong("number");
        shared.replaceElsewhere(
                hub,
                answer.subList(1, answer.size()).stream().map(SharedPresence::fromJson).toList());
        takeWaiting(shared, hub, other);
    }

    @Override
    public void ended(String hub, long agoMs) {
        others.remove(hub);
        Presence shared = presence;
        if (shared != null) {
            shared.hubEnded(hub, agoMs);
        }
    }

    private static JsonObject toJson(Hold hold) {
        MemberId member = hold.id();
        return new JsonObject()
                .put("channel", hold.channel().name())
                .put("user", member.user())
                .put("client", member.client())
                .put("returns", member.returns())
                .put("session", hold.session())
                .put("since", hold.since());
    }

    private static Hold fromJson(JsonObject json) {
        return new Hold(
                new Channel(json.getString("channel")),
                new MemberId(
                        json.getString("user"),
                        json.getString("client"),
                        json.getBoolean("returns")),
                json.getString("session"),
                json.getLong("since"));
    }
}
