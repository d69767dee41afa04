package io.anabranch.stream;

import io.anabranch.hub.MemberId;
import io.anabranch.hub.PresenceNews;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.netty.buffer.ByteBuf;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One connection's subscriptions, and the only way to its sink. For its event loop alone. */
public final class Subscriber {
    private final Fanout fanout;
    private final Sink sink;
    private final View view;
    private final DeliveryCounts.Sent sent;
    private final Runnable onFailure;
    private final Runnable onHeartbeat;
    private final List<Feed> feeds = new ArrayList<>(1);
    private final int heartbeatSlot;
    private final Set<ChannelPattern> watched = new HashSet<>(0);
    private @Nullable MemberId self;
    private @Nullable PresenceNews lastNews;
    private boolean unflushed;
    private boolean unflushedAnswers;
    private boolean failed;
    private boolean closed;

    Subscriber(
            Fanout fanout,
            Sink sink,
            View view,
            int heartbeatSlot,
            Runnable onHeartbeat,
            Runnable onFailure) {
        this.fanout = fanout;
        this.sink = sink;
        this.view = view;
        this.sent = fanout.counts().to(sink.encoding());
        this.heartbeatSlot = heartbeatSlot;
        this.onHeartbeat = onHeartbeat;
        this.onFailure = onFailure;
    }

    /**
     * Listens on {@code patterns} from {@code start}. Nothing is written before {@link
     * Feed#begin()}.
     *
     * @param conflateMs of each channel at most one message in that time, in ms; 0 for all
     */
    public Feed subscribe(List<ChannelPattern> patterns, Start start, int conflateMs) {
        Feed feed = new Feed(this, patterns, start, conflateMs);
        feeds.forEach(feed::meet);
        feeds.add(feed);
        return feed;
    }

    public void unsubscribe(Feed feed) {
        feeds.remove(feed);
        feed.close();
    }

    /**
     * Tells from now on who comes to the channels of {@code pattern} and who leaves them, but for
     * {@code self}. Who does not keep up misses some, and may ask for a snapshot.
     */
    public void watchPresence(ChannelPattern pattern, MemberId self) {
        this.self = self;
        if (watched.add(pattern)) {
            fanout.presenceWatchers().add(pattern, this);
        }
    }

    public void unwatchPresence(ChannelPattern pattern) {
        if (watched.remove(pattern)) {
            fanout.presenceWatchers().remove(pattern, this);
        }
    }

    void onPresence(PresenceNews news, Prepared prepared) {
        // Two patterns of one connection may match the channel.
        if (news == lastNews || !isWritable()) {
            return;
        }
        lastNews = news;
        if (self == null || !news.isAbout(self)) {
            write(prepared.share(encoding()));
            return;
        }
        List<PresenceNews.Change> others =
                news.changes().stream().filter(change -> !change.id().equals(self)).toList();
        if (!others.isEmpty()) {
            write(Prepared.encode(encoding(), news.channel(), others));
        }
    }

    /** Sends a control frame at once. What fails in this or the next two ends the connection. */
    public void send(JsonObject frame) {
        Encoding encoding = sink.encoding();
        sendNow(() -> encoding.buffer(256, out -> encoding.writeControl(frame, null, out)));
    }

    /**
     * Writes the answer to a WebSocket's frame {@code publish}, which goes out with others by
     * {@link #flushAnswers}.
     *
     * @param ref as the client gave it; null when it gave none
     */
    public void answerPublished(@Nullable Object ref, MessageId id) {
        try {
            Encoding encoding = sink.encoding();
            byte[] json = Frames.published(ref, id);
            ByteBuf bytes = encoding.buffer(json.length, out -> encoding.writeText(json, out));
            put(bytes);
            unflushedAnswers = true;
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(e);
        }
    }

    /** To be called when no more answers are to be expected at once. */
    public void flushAnswers() {
        if (unflushedAnswers) {
            flushAmongOthers();
        }
    }

    /** The same, once the loop is done with what it has before it, such as more answers. */
    public void flushAnswersLater() {
        if (!unflushedAnswers) {
            fanout.run(this::flushAnswers);
        }
    }

    /** Sends what begins an event stream: how to reconnect, and the cursor that it begins at. */
    public void sendPreamble(long retryMs, MessageId cursor) {
        Encoding encoding = sink.encoding();
        sendNow(
                () ->
                        encoding.buffer(
                                64,
                                out -> {
                                    Encoding.writeRetry(retryMs, out);
                                    encoding.writeHeartbeat(cursor, out);
                                }));
    }

    /** Sends what ends an event stream, so that a plain EventSource heeds it too. */
    public void sendClose(JsonObject frame, long retryMs) {
        Encoding encoding = sink.encoding();
        sendNow(
                () ->
                        encoding.buffer(
                                256,
                                out -> {
                                    Encoding.writeRetry(retryMs, out);
                                    encoding.writeControl(frame, null, out);
                                }));
    }

    /** To be called by the transport when the socket takes more again. */
    public void writable() {
        feeds.forEach(Feed::pump);
    }

    /** Lets go of everything. The connection is closed by whoever owns it. */
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        feeds.forEach(Feed::close);
        feeds.clear();
        // Later, as feeds do.
        fanout.run(() -> List.copyOf(watched).forEach(this::unwatchPresence));
        fanout.remove(this);
    }

    /** Up to where all feeds are complete; the head when there are none. */
    public MessageId cursor() {
        return feeds.stream()
                .map(Feed::cursor)
                .reduce((a, b) -> a.seq() <= b.seq() ? a : b)
                .orElseGet(fanout.hub()::head);
    }

    /** Whether any feed is being brought up to the log's head, or waits for the socket. */
    public boolean isBehind() {
        return feeds.stream().anyMatch(Feed::isBehind);
    }

    void heartbeat(MessageId complete) {
        try {
            feeds.forEach(feed -> feed.advance(complete));
            if (isWritable()) {
                MessageId cursor = cursor();
                Encoding encoding = sink.encoding();
                writeNow(encoding.buffer(64, out -> encoding.writeHeartbeat(cursor, out)));
                onHeartbeat.run();
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(e);
        }
    }

    /** Cuts a connection whose other end is gone, full or not: nobody could tell it anything. */
    void cutIfLost(long silentMs) {
        try {
            if (sink.isLost(silentMs)) {
                sink.cut();
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(e);
        }
    }

    int heartbeatSlot() {
        return heartbeatSlot;
    }

    Fanout fanout() {
        return fanout;
    }

    View view() {
        return view;
    }

    Encoding encoding() {
        return sink.encoding();
    }

    DeliveryCounts.Sent sent() {
        return sent;
    }

    /** Whether the socket takes more, once it was given what waits for the end of the turn. */
    boolean isWritable() {
        if (closed || failed) {
            return false;
        }
        if (!sink.isWritable()) {
            sink.flush();
        }
        return sink.isWritable();
    }

    /** Whether another feed of this connection has written {@code message}. */
    boolean hasFromAnother(Feed feed, Message message) {
        for (Feed other : feeds) {
            if (other != feed && other.hasWritten(message)) {
                return true;
            }
        }
        return false;
    }

    private void put(ByteBuf bytes) {
        sent.bytes.add(bytes.readableBytes());
        sink.write(bytes);
    }

    /** Writes, and flushes at the end of the loop's turn at the latest. */
    void write(ByteBuf bytes) {
        put(bytes);
        if (!unflushed) {
            unflushed = true;
            fanout.flushLater(this);
        }
    }

    void writeNow(ByteBuf bytes) {
        put(bytes);
        flush();
    }

    private void sendNow(Supplier<ByteBuf> bytes) {
        try {
            writeNow(bytes.get());
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(e);
        }
    }

    void flush() {
        unflushed = false;
        unflushedAnswers = false;
        sink.flush();
    }

    /** Flushes what {@link #write} has left for the end of the turn. */
    void flushTurn() {
        if (unflushed) {
            flushAmongOthers();
        }
    }

    /** Flushes among others, who must not suffer from its failure. */
    private void flushAmongOthers() {
        try {
            flush();
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(e);
        }
    }

    /** Writes no more, and has the connection closed when the loop is done with this turn. */
    void fail(Throwable failure) {
        if (failed || closed) {
            return;
        }
        failed = true;
        fanout.log(failure);
        fanout.run(onFailure);
    }
}
