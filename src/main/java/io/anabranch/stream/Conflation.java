package io.anabranch.stream;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What all feeds of one event loop share that follow the same patterns at the same pace: of each
 * channel the newest message since the last tick. At the tick it is encoded once for all of them.
 */
final class Conflation implements Listener {
    /** What makes feeds share a conflation. */
    record Key(List<ChannelPattern> patterns, int ms) {}

    private final Fanout fanout;
    private final Key key;
    private final long timer;
    private final List<Feed> feeds = new ArrayList<>();

    /** In log order, since a newer message goes to the end. */
    private final Map<Channel, Message> newest = new LinkedHashMap<>();

    /** The place before the first message that was conflated since the last tick. */
    private long heldAfter;

    Conflation(Fanout fanout, Key key) {
        this.fanout = fanout;
        this.key = key;
        this.timer = fanout.vertx().setPeriodic(key.ms(), unused -> tick());
        key.patterns().forEach(pattern -> fanout.index().add(pattern, this));
    }

    void join(Feed feed) {
        feeds.add(feed);
    }

    void leave(Feed feed) {
        feeds.remove(feed);
        if (feeds.isEmpty()) {
            fanout.vertx().cancelTimer(timer);
            key.patterns().forEach(pattern -> fanout.index().remove(pattern, this));
            fanout.forget(key);
        }
    }

    @Override
    public void onMessages(List<Message> messages, Prepared prepared) {
        messages.forEach(this::hold);
    }

    private void hold(Message message) {
        if (newest.isEmpty()) {
            heldAfter = message.id().seq() - 1;
        }
        if (newest.remove(message.channel()) != null) {
            fanout.counts().conflated.add(feeds.size());
        }
        newest.put(message.channel(), message);
    }

    private void tick() {
        if (newest.isEmpty()) {
            return;
        }
        List<Message> part = new ArrayList<>();
        int size = 0;
        for (Message message : newest.values()) {
            if (!part.isEmpty() && size + message.size() > Fanout.WRITE_BYTES) {
                write(part);
                part = new ArrayList<>();
                size = 0;
            }
            part.add(message);
            size += message.size();
        }
        write(part);
        newest.clear();
        fanout.flush();
    }

    private void write(List<Message> messages) {
        Prepared prepared = Prepared.of(messages);
        for (Feed feed : feeds) {
            try {
                feed.onMessages(messages, prepared);
            } catch (RuntimeException | OutOfMemoryError e) {
                feed.onFailure(e);
            }
        }
        prepared.release();
    }

    @Override
    public void onFailure(Throwable failure) {
        feeds.forEach(feed -> feed.onFailure(failure));
    }

    /** Up to where nothing is held back, when the loop has been told all up to {@code handedOn}. */
    long completeUpTo(long handedOn) {
        return newest.isEmpty() ? handedOn : Math.min(handedOn, heldAfter);
    }
}
