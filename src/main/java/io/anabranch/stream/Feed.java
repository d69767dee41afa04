package io.anabranch.stream;

import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One cursor that follows some patterns for one connection. It is live (it writes what comes) or
 * behind (it reads pages of the log whenever the socket takes more, and only notes what comes); in
 * neither state does it hold a queue. For its event loop alone.
 */
public final class Feed implements Listener {
    private static final int PAGE_MESSAGES = 256;

    /** How long a feed waits before it reads again from a log that is away, in ms. */
    private static final long RETRY_MS = 500;

    private final Fanout fanout;
    private final Subscriber subscriber;
    private final List<ChannelPattern> patterns;
    private final int conflateMs;
    private final @Nullable Conflation conflation;

    /** Whether another feed of the connection may get the same messages, or might have. */
    private boolean overlapped;

    /** Where the first read begins; later ones begin at {@link #cursor}. */
    private final Cursor start;

    /** The log's head when this feed began to listen, or its epoch's start. */
    private MessageId headAtStart;

    /** How many of each channel the reads take, the newest; 0 for all. */
    private int newest;

    /** All up to here has been written, or was not asked for. */
    private MessageId cursor;

    /** The cursor's place in this log; 0 while the cursor is of another epoch. */
    private long seq;

    private long startSeq;

    /** The newest message that came while behind; before the first, the log's start. */
    private MessageId noted;

    private boolean read;
    private boolean replayed;
    private boolean live;

    /** Whether it was live, and its client did not keep up. */
    private boolean behind;

    private boolean reading;
    private boolean closed;

    Feed(Subscriber subscriber, List<ChannelPattern> patterns, Start from, int conflateMs) {
        this.subscriber = subscriber;
        this.fanout = subscriber.fanout();
        this.patterns = List.copyOf(patterns);
        this.conflateMs = conflateMs;
        this.conflation = conflateMs > 0 ? fanout.conflation(this.patterns, conflateMs) : null;
        listen();
        // Only now, so that nothing falls between what the log shows and what is handed on.
        this.headAtStart = fanout.hub().head();
        this.noted = headAtStart.at(0);
        this.newest =
                from instanceof Start.Last last ? last.messages() : conflation == null ? 0 : 1;
        this.start = startCursor(from);
        this.cursor = start instanceof Cursor.After after ? after.id() : headAtStart.at(0);
        boolean known =
                cursor.epoch().equals(headAtStart.epoch()) && cursor.seq() <= headAtStart.seq();
        this.seq = known ? cursor.seq() : 0;
        this.startSeq = from instanceof Start.Last ? headAtStart.seq() : seq;
    }

    private void listen() {
        if (conflation != null) {
            conflation.join(this);
        } else {
            patterns.forEach(pattern -> fanout.index().add(pattern, this));
        }
    }

    private Cursor startCursor(Start from) {
        if (from instanceof Start.After after) {
            return after.cursor();
        }
        return from instanceof Start.Last ? new Cursor.Earliest() : new Cursor.After(headAtStart);
    }

    /** What the replay will read: for telling the client how much it is, before it begins. */
    public Query replay() {
        return query(headAtStart.seq());
    }

    /** The position that the client has once it has the replay. */
    public MessageId replayEnd() {
        return headAtStart;
    }

    /** Up to where this feed is complete; before {@link #begin()}, where it begins. */
    public MessageId cursor() {
        return cursor;
    }

    /** Whether it is not at the log's head, as far as it knows. */
    boolean isBehind() {
        return !live;
    }

    Fanout fanout() {
        return fanout;
    }

    public List<ChannelPattern> patterns() {
        return patterns;
    }

    /** Of each channel at most one message in this time, in ms; 0 for all. */
    public int conflateMs() {
        return conflateMs;
    }

    /** Replays what there is to replay and goes live. */
    public void begin() {
        if (newest > 0 || seq < headAtStart.seq() || !cursor.epoch().equals(headAtStart.epoch())) {
            fanout.counts().replays.add(1);
        }
        pump();
    }

    /** Reads the next page, unless this feed is live, at it already, or the socket is full. */
    void pump() {
        if (live || reading || closed || !subscriber.isWritable()) {
            return;
        }
        reading = true;
        boolean newestAtStart = newest > 0 && !replayed;
        fanout.pages()
                .read(query(newestAtStart ? headAtStart.seq() : Query.HEAD))
                .onSuccess(this::onRead)
                .onFailure(this::onReadFailure);
    }

    /** A log that is away comes back: until then what is behind stays behind. */
    private void onReadFailure(Throwable failure) {
        if (fanout.hub().notReady().isEmpty()) {
            onFailure(failure);
            return;
        }
        fanout.runLater(
                RETRY_MS,
                () -> {
                    reading = false;
                    pump();
                });
    }

    private Query query(long upTo) {
        Cursor after = read ? new Cursor.After(cursor) : start;
        return new Query(patterns, after, upTo, newest, PAGE_MESSAGES, Fanout.WRITE_BYTES);
    }

    private void onRead(SharedPage page) {
        if (closed) {
            return;
        }
        try {
            goOnAfter(page.page(), write(page));
        } catch (RuntimeException | OutOfMemoryError e) {
            onFailure(e);
        }
    }

    private void goOnAfter(Page page, MessageId written) {
        read = true;
        moveTo(written);
        // Only now: a write that drains at once calls for the next page, which is after this one.
        reading = false;
        if (page.more() || written.seq() < page.cursor().seq()) {
            fanout.run(this::pump);
            return;
        }
        boolean onlyNewest = newest > 0 && !replayed;
        replayed = true;
        newest = conflation == null ? 0 : 1;
        if (isNotedAhead() || (onlyNewest && fanout.hub().head().seq() > seq)) {
            fanout.run(this::pump);
        } else {
            live = true;
            catchUp();
        }
    }

    /** Whether what was noted is after the cursor, and not of an epoch that is over. */
    private boolean isNotedAhead() {
        return noted.epoch().equals(cursor.epoch())
                ? noted.seq() > seq
                : !cursor.epoch().equals(fanout.hub().head().epoch());
    }

    private void catchUp() {
        if (behind) {
            behind = false;
            fanout.counts().behind.add(-1);
        }
    }

    private MessageId write(SharedPage shared) {
        Page page = shared.page();
        List<Message> messages = page.messages();
        if (overlapped || subscriber.view() != View.ALL) {
            messages = messages.stream().filter(this::isWanted).toList();
        }
        if (shared.isAll(messages)) {
            return writeShared(shared);
        }
        var reason = replayed ? Frames.GapReason.OVERFLOW : Frames.GapReason.EXPIRED;
        var writer = new PageWriter(page, this, subscriber.encoding(), reason);
        return writer.writeTo(subscriber, messages);
    }

    private MessageId writeShared(SharedPage shared) {
        if (shared.messages() > 0) {
            subscriber.sent().messages.add(shared.messages());
            subscriber.sent().replayed.add(shared.messages());
            subscriber.writeNow(shared.share(subscriber.encoding()));
        }
        return shared.end();
    }

    /** A replay is what was asked for; what came since may have been written by another feed. */
    private boolean isWanted(Message message) {
        boolean isReplay = message.id().seq() <= headAtStart.seq();
        return subscriber.view().shows(message) && (isReplay || !isFromAnother(message));
    }

    private void moveTo(MessageId id) {
        cursor = id;
        seq = id.seq();
    }

    @Override
    public void onMessages(List<Message> messages, Prepared prepared) {
        MessageId last = messages.get(messages.size() - 1).id();
        if (isOfNewEpoch(last)) {
            beginAnew();
        } else if (last.seq() > seq && !fallsBehind(last)) {
            write(messages, prepared);
            moveTo(last);
        }
    }

    private void write(List<Message> messages, Prepared prepared) {
        int missing = 0;
        for (Message message : messages) {
            missing += isMissing(message) ? 1 : 0;
        }
        if (missing == 0) {
            return;
        }
        subscriber.sent().messages.add(missing);
        subscriber.write(
                missing == messages.size()
                        ? prepared.share(subscriber.encoding())
                        : Prepared.encode(
                                subscriber.encoding(),
                                messages.stream().filter(this::isMissing).toList()));
    }

    /** Whether the connection does not have it yet; what is conflated is this feed's alone. */
    private boolean isMissing(Message message) {
        return message.id().seq() > seq
                && subscriber.view().shows(message)
                && (conflation != null || !isFromAnother(message));
    }

    /** Ends the connection, which could not be told what it must be told next. */
    @Override
    public void onFailure(Throwable failure) {
        if (!closed) {
            subscriber.fail(failure);
        }
    }

    private boolean isOfNewEpoch(MessageId id) {
        return live && !id.epoch().equals(cursor.epoch());
    }

    /** The log's past is lost: the next page, after a cursor of the old epoch, says so. */
    private void beginAnew() {
        live = false;
        seq = 0;
        startSeq = 0;
        headAtStart = fanout.hub().head().at(0);
        pump();
    }

    private boolean fallsBehind(MessageId id) {
        if (live && !subscriber.isWritable()) {
            live = false;
            behind = true;
            fanout.counts().fellBehind.add(1);
            fanout.counts().behind.add(1);
        }
        if (!live) {
            noted = id;
        }
        return !live;
    }

    /** The loop has handed on all up to {@code complete}. */
    void advance(MessageId complete) {
        if (isOfNewEpoch(complete)) {
            beginAnew();
            return;
        }
        long bound = conflation == null ? complete.seq() : conflation.completeUpTo(complete.seq());
        if (live && bound > seq) {
            moveTo(complete.at(bound));
        }
    }

    /** Notes of two feeds of one connection whether a message may be for both. */
    void meet(Feed other) {
        if (overlaps(other)) {
            overlapped = true;
            other.overlapped = true;
        }
    }

    private boolean overlaps(Feed other) {
        for (ChannelPattern pattern : patterns) {
            for (ChannelPattern others : other.patterns) {
                if (pattern.overlaps(others)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isFromAnother(Message message) {
        return overlapped && subscriber.hasFromAnother(this, message);
    }

    /** Whether this feed has written {@code message}, or is past its place and would have. */
    boolean hasWritten(Message message) {
        long at = message.id().seq();
        boolean isSameEpoch = message.id().epoch().equals(cursor.epoch());
        if (conflation != null || !isSameEpoch || at <= startSeq || at > seq) {
            return false;
        }
        return patterns.stream().anyMatch(pattern -> pattern.matches(message.channel()));
    }

    /** Whether a gap took something that this reader asked for, and not what was gone before. */
    boolean isLoss(Page.Gap gap) {
        return subscriber.view().shows(gap.channel())
                && (start instanceof Cursor.After || gap.resumed().seq() > headAtStart.seq());
    }

    /** The cursor as the client knows it. */
    String knownCursor() {
        return !read && start instanceof Cursor.Earliest ? Cursor.EARLIEST : cursor.toString();
    }

    void close() {
        closed = true;
        live = false;
        catchUp();
        // Later, since a connection may end while the listeners are gone through.
        fanout.run(this::stopListening);
    }

    private void stopListening() {
        if (conflation != null) {
            conflation.leave(this);
        } else {
            patterns.forEach(pattern -> fanout.index().remove(pattern, this));
        }
    }
}
