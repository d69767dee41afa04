package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.log.Extent;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.Refusal;
import io.anabranch.stream.Feed;
import io.anabranch.stream.Frames;
import io.anabranch.stream.Start;
import io.anabranch.stream.Subscriber;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one WebSocket is subscribed to, by the query and by frames (protocol, section 5). For its
 * event loop alone.
 */
final class Subscriptions {
    private final Node node;
    private final Subscriber subscriber;
    private final Attendance attendance;

    /** Several patterns share a feed when they came with the query: one cursor, one order. */
    private final Map<ChannelPattern, Feed> feeds = new LinkedHashMap<>();

    Subscriptions(Node node, Subscriber subscriber, Attendance attendance) {
        this.node = node;
        this.subscriber = subscriber;
        this.attendance = attendance;
    }

    Collection<ChannelPattern> patterns() {
        return feeds.keySet();
    }

    /** Those of the query; they write nothing before {@link #beginAll()}. */
    void open(SubscribeRequest request) {
        if (!request.channels().isEmpty()) {
            Feed feed =
                    subscriber.subscribe(request.channels(), request.start(), request.conflateMs());
            request.channels().forEach(channel -> feeds.put(channel, feed));
            attendance.begin(request.channels());
        }
    }

    void beginAll() {
        Set.copyOf(feeds.values()).forEach(Feed::begin);
    }

    /**
     * A frame's; it begins when it is answered.
     *
     * @param answer sends the {@code ok}
     */
    Future<?> subscribe(
            Principal principal, Members frame, @Nullable Object ref, Consumer<JsonObject> answer) {
        ChannelPattern pattern = new ChannelPattern(frame.requiredText("channel"));
        Access.requireSubscribe(principal, List.of(pattern));
        int conflateMs = frame.integer("conflate", 0, 0, SubscribeRequest.MAX_CONFLATE_MS);
        Feed earlier = feeds.get(pattern);
        Start start = start(frame, earlier);
        if (earlier == null) {
            SubscribeRequest.requireAtMost(node.settings().maxChannels(), feeds.size() + 1);
        } else {
            detach(pattern, earlier);
        }
        Feed feed = subscriber.subscribe(List.of(pattern), start, conflateMs);
        feeds.put(pattern, feed);
        attendance.begin(List.of(pattern));
        return OnLoop.onLoop(node.hub().extent(feed.replay()))
                .onSuccess(
                        extent -> {
                            answer.accept(subscribed(ref, feed, start, extent));
                            feed.begin();
                        });
    }

    private static JsonObject subscribed(
            @Nullable Object ref, Feed feed, Start start, Extent extent) {
        boolean fromCursor = start instanceof Start.After;
        return Frames.ok(ref)
                .put("cursor", feed.replayEnd().toString())
                .put("replayed", extent.messages())
                .put("recovered", !fromCursor || extent.complete());
    }

    /** Where a frame asks to begin; a repeated subscription goes on where the first one is. */
    private static Start start(Members frame, @Nullable Feed earlier) {
        String after = frame.text("after");
        if (after != null) {
            return new Start.After(Cursor.parse("after", after));
        }
        int last = frame.integer("last", 0, 0, SubscribeRequest.MAX_LAST);
        if (last > 0) {
            return new Start.Last(last);
        }
        return earlier == null
                ? new Start.Live()
                : new Start.After(new Cursor.After(earlier.cursor()));
    }

    void unsubscribe(Members frame) {
        ChannelPattern pattern = new ChannelPattern(frame.requiredText("channel"));
        Feed feed = feeds.get(pattern);
        if (feed == null) {
            throw Refusal.badValue("channel", pattern, "one that is subscribed to here");
        }
        detach(pattern, feed);
        attendance.end(pattern);
    }

    /** Ends one subscription; those of the query that share its feed go on from their cursor. */
    private void detach(ChannelPattern pattern, Feed feed) {
        feeds.remove(pattern);
        subscriber.unsubscribe(feed);
        List<ChannelPattern> others =
                feed.patterns().stream().filter(other -> feeds.get(other) == feed).toList();
        if (!others.isEmpty()) {
            Start from = new Start.After(new Cursor.After(feed.cursor()));
            Feed rest = subscriber.subscribe(others, from, feed.conflateMs());
            others.forEach(other -> feeds.put(other, rest));
            rest.begin();
        }
    }

    /**
     * The connection has a new token: ends what it does not allow.
     *
     * @param onRefusal hears why, once for each
     */
    void renew(Principal renewed, Consumer<Refusal> onRefusal) {
        for (ChannelPattern pattern : List.copyOf(feeds.keySet())) {
            try {
                Access.requireSubscribe(renewed, List.of(pattern));
            } catch (Refusal refusal) {
                detach(pattern, Objects.requireNonNull(feeds.get(pattern)));
                attendance.end(pattern);
                onRefusal.accept(refusal);
            }
        }
        attendance.renew(renewed, feeds.keySet());
    }

    /** The connection ended. */
    void lose() {
        attendance.lose();
        subscriber.close();
        feeds.clear();
    }
}
