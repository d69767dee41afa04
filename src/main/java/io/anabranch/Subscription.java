package io.anabranch;

import io.anabranch.hub.Hub;
import io.anabranch.hub.Interest;
import io.anabranch.hub.PresenceNews;
import io.anabranch.hub.Receiver;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.stream.Frames.GapReason;
import io.anabranch.stream.Start;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cursor of the application that hosts the hub. It is live (it hands over what comes) or behind
 * (it reads pages of the log). Its handlers are called on the context that subscribed, one after
 * the other; its methods are for any thread.
 */
public final class Subscription {
    /** Messages that wait for the handler; more are read from the log later. */
    static final int MOST_WAITING = 1_024;

    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);
    private static final int PAGE_MESSAGES = 256;
    private static final int PAGE_BYTES = 256 * 1024;

    /** How long it waits before it reads again from a log that is away, in ms. */
    private static final long RETRY_MS = 500;

    private final Hub hub;
    private final Context context;
    private final ChannelPattern pattern;
    private final Start start;
    private final Handler<Message> onMessage;
    private final Handler<Gap> onGap;
    private final Tail tail = new Tail();
    private volatile boolean closed;
    private volatile boolean paused;

    /** All up to here was handed over, or was not asked for; written by the context alone. */
    private volatile Cursor position;

    // From here on for the context alone.
    /** What was gone before this is no loss for who asked for no cursor. */
    private MessageId headAtStart;

    private boolean replayed;
    private boolean live;
    private boolean reading;

    Subscription(
            Hub hub,
            Context context,
            ChannelPattern pattern,
            Start start,
            Handler<Message> onMessage,
            Handler<Gap> onGap) {
        this.hub = hub;
        this.context = context;
        this.pattern = pattern;
        this.start = start;
        this.onMessage = onMessage;
        this.onGap = onGap;
        tail.interest.add(pattern);
        hub.add(tail);
        // Only now, so that nothing falls between what the log shows and what is handed on.
        this.headAtStart = hub.head();
        this.position = position(start, headAtStart);
        this.live = start instanceof Start.Live;
        this.replayed = !(start instanceof Start.Last);
    }

    private static Cursor position(Start start, MessageId head) {
        if (start instanceof Start.After after) {
            return after.cursor();
        }
        return start instanceof Start.Live ? new Cursor.After(head) : new Cursor.Earliest();
    }

    void begin() {
        context.runOnContext(unused -> goOn());
    }

    /** All up to here was handed over: {@code new Start.After(cursor())} goes on behind it. */
    public Cursor cursor() {
        return position;
    }

    /**
     * Hands nothing over until {@link #resume()}, but for what is being handed over now; the log
     * keeps what comes.
     */
    public void pause() {
        paused = true;
    }

    public void resume() {
        paused = false;
        begin();
    }

    /** Hands nothing over any more. */
    public void close() {
        closed = true;
        hub.remove(tail);
    }

    private boolean isHalted() {
        return closed || paused;
    }

    /** Hands over what waits, or reads the next page. */
    private void goOn() {
        if (tail.hasLost()) {
            live = false;
        }
        if (isHalted() || reading) {
            return;
        }
        if (!live) {
            read();
            return;
        }
        for (int left = MOST_WAITING; left > 0 && live && !isHalted(); left--) {
            Message next = tail.next();
            if (next == null) {
                return;
            }
            take(next);
        }
        begin();
    }

    private void take(Message message) {
        if (!(position instanceof Cursor.After known)
                || !known.id().epoch().equals(message.id().epoch())) {
            // The log's past is lost: the next page, after a cursor of the old epoch, says so.
            headAtStart = message.id().at(0);
            live = false;
        } else if (message.id().seq() > known.id().seq()) {
            hand(message);
        }
    }

    private void hand(Message message) {
        position = new Cursor.After(message.id());
        attempt(() -> onMessage.handle(message));
    }

    /** A handler that fails ends no subscription. */
    private void attempt(Runnable handler) {
        try {
            handler.run();
        } catch (RuntimeException e) {
            LOG.error("a handler of {} failed", pattern, e);
        }
    }

    private void read() {
        reading = true;
        int newest = start instanceof Start.Last last && !replayed ? last.messages() : 0;
        long upTo = newest > 0 ? headAtStart.seq() : Query.HEAD;
        hub.read(new Query(List.of(pattern), position, upTo, newest, PAGE_MESSAGES, PAGE_BYTES))
                .onSuccess(page -> context.runOnContext(unused -> onRead(page)))
                .onFailure(failure -> context.runOnContext(unused -> onReadFailure(failure)));
    }

    private void onReadFailure(Throwable failure) {
        reading = false;
        if (!closed) {
            LOG.warn("{} is read again later", pattern, failure);
            context.owner().setTimer(RETRY_MS, timer -> begin());
        }
    }

    private void onRead(Page page) {
        reading = false;
        if (isHalted() || !handAll(page)) {
            return;
        }
        position = new Cursor.After(page.cursor());
        if (!page.more()) {
            live = replayed;
            replayed = true;
        }
        begin();
    }

    /** Gaps and messages, in the order of the log; false when it was halted before the end. */
    private boolean handAll(Page page) {
        String after =
                position instanceof Cursor.After known ? known.id().toString() : Cursor.EARLIEST;
        if (page.reset()) {
            tell(new Gap(pattern.text(), after, GapReason.RESET));
        }
        Queue<Page.Gap> gaps = new ArrayDeque<>();
        page.gaps().stream().filter(this::isLoss).forEach(gaps::add);
        for (Message message : page.messages()) {
            if (isHalted()) {
                return false;
            }
            while (!gaps.isEmpty() && gaps.element().resumed().seq() < message.id().seq()) {
                tell(gaps.remove(), after);
            }
            hand(message);
        }
        gaps.forEach(gap -> tell(gap, after));
        return true;
    }

    /** Whether it took something that was asked for, and not what was gone before. */
    private boolean isLoss(Page.Gap gap) {
        return isAfterStart(gap)
                || (start instanceof Start.After after && after.cursor() instanceof Cursor.After);
    }

    private boolean isAfterStart(Page.Gap gap) {
        return gap.resumed().seq() > headAtStart.seq();
    }

    private void tell(Page.Gap gap, String after) {
        GapReason reason = isAfterStart(gap) ? GapReason.OVERFLOW : GapReason.EXPIRED;
        tell(new Gap(gap.channel().name(), after, reason));
    }

    private void tell(Gap gap) {
        attempt(() -> onGap.handle(gap));
    }

    /** What the hub hands on, on its threads, until the context takes it. */
    private final class Tail implements Receiver {
        private final Interest interest = new Interest();
        private final Queue<Message> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
        private final AtomicBoolean scheduled = new AtomicBoolean();
        private final AtomicBoolean lost = new AtomicBoolean();

        @Override
        public Interest interest() {
            return interest;
        }

        @Override
        public void offer(Message message) {
            if (!waiting.offer(message)) {
                lost.set(true);
            }
            if (scheduled.compareAndSet(false, true)) {
                context.runOnContext(
                        unused -> {
                            scheduled.set(false);
                            goOn();
                        });
            }
        }

        @Override
        public void offer(PresenceNews news) {}

        /** Whether something did not find room; then nothing waits, and the log has it all. */
        boolean hasLost() {
            if (!lost.getAndSet(false)) {
                return false;
            }
            waiting.clear();
            return true;
        }

        @org.jspecify.annotations.Nullable
        Message next() {
            return waiting.poll();
        }
    }
}
