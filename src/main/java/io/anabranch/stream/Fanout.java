package io.anabranch.stream;

import io.anabranch.hub.Hub;
import io.anabranch.hub.Interest;
import io.anabranch.hub.PresenceNews;
import io.anabranch.hub.Receiver;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the log's messages to the connections of one event loop: each encoded once, each connection
 * flushed once a turn. But for {@link #offer} everything here is for that loop alone.
 */
public final class Fanout implements Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(Fanout.class);

    /**
     * What is written to one connection at once, in bytes, but for a message that is larger: with
     * what the sink and the socket hold it stays under 128 KiB.
     */
    static final int WRITE_BYTES = 31 * 1024;

    /** Messages in one turn of the loop, after which others have theirs. */
    private static final int TURN = 1_024;

    /**
     * How many connections are written to before they are flushed. What belongs to one has left the
     * processor's caches, and that of several comes back at once; with more of them what was
     * written first would have gone again.
     */
    private static final int BLOCK = 32;

    /** Heartbeats are spread over the interval in this many slots. */
    private static final int HEARTBEAT_SLOTS = 16;

    /** Between two heartbeats each connection is looked at once more. */
    private static final int OPPOSITE_SLOT = HEARTBEAT_SLOTS / 2;

    private final Vertx vertx;
    private final EventLoop loop;
    private final Hub hub;

    /** With a look each half of a heartbeat's interval, what is lost is found within two. */
    private final long lostAfterMs;

    private final long batchIntervalNs;

    /** When the last turn began, by {@link System#nanoTime()}. */
    private volatile long lastTurnNs;

    private final Interest interest = new Interest();
    private final PatternIndex<Listener> index = new PatternIndex<>(interest);
    private final PatternIndex<Subscriber> presenceWatchers = new PatternIndex<>(new Interest());
    private final Queue<Message> offered = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean turnScheduled = new AtomicBoolean();
    private List<Subscriber> unflushed = new ArrayList<>();
    private final Map<Conflation.Key, Conflation> conflations = new HashMap<>();
    private final List<Set<Subscriber>> heartbeatSlots = new ArrayList<>();

    private final SharedPages pages;
    private final DeliveryCounts counts = new DeliveryCounts();

    /** All up to here has been handed to the subscribers of this loop. */
    private MessageId complete;

    /** Whether what is being delivered is the last of this turn, as far as is known. */
    private boolean last;

    private @Nullable Throwable logged;
    private int nextSlot;
    private int beatingSlot;
    private boolean closed;

    /**
     * To be made on the context of its event loop.
     *
     * @param heartbeatMs how often each connection hears from the hub, in ms
     * @param batchIntervalMs the least time between two turns, in ms; 0 for none
     */
    public Fanout(Vertx vertx, Hub hub, long heartbeatMs, long batchIntervalMs) {
        this.vertx = vertx;
        this.hub = hub;
        this.batchIntervalNs = TimeUnit.MILLISECONDS.toNanos(batchIntervalMs);
        this.lastTurnNs = System.nanoTime() - batchIntervalNs;
        this.lostAfterMs = heartbeatMs * 3 / 2;
        Context context = vertx.getOrCreateContext();
        this.loop = ((ContextInternal) context).nettyEventLoop();
        this.pages = new SharedPages(this);
        this.complete = hub.handedOn();
        for (int i = 0; i < HEARTBEAT_SLOTS; i++) {
            heartbeatSlots.add(new LinkedHashSet<>());
        }
        hub.add(this);
        beatAfter(Math.max(1, heartbeatMs / HEARTBEAT_SLOTS));
    }

    /**
     * Not by a periodic timer, which makes up for what it missed: after a standstill of the hub
     * clients would miss many heartbeats in a moment.
     */
    private void beatAfter(long ms) {
        vertx.setTimer(
                ms,
                timer -> {
                    if (!closed) {
                        beatAfter(ms);
                        beat();
                    }
                });
    }

    /** Sends no more heartbeats; to be called on the loop when its connections are being ended. */
    public void close() {
        closed = true;
        pages.close();
    }

    /**
     * Takes on a connection.
     *
     * @param onHeartbeat called after each heartbeat that was sent
     * @param onFailure called once when the log cannot be read for it, or it cannot be written to:
     *     to be closed
     */
    public Subscriber add(Sink sink, Runnable onHeartbeat, Runnable onFailure) {
        return add(sink, View.ALL, onHeartbeat, onFailure);
    }

    /**
     * Takes on a connection that sees some of what it listens for.
     *
     * @param onHeartbeat called after each heartbeat that was sent
     * @param onFailure called once when the log cannot be read for it, or it cannot be written to:
     *     to be closed
     */
    public Subscriber add(Sink sink, View view, Runnable onHeartbeat, Runnable onFailure) {
        nextSlot = (nextSlot + 1) % HEARTBEAT_SLOTS;
        Subscriber subscriber = new Subscriber(this, sink, view, nextSlot, onHeartbeat, onFailure);
        heartbeatSlots.get(nextSlot).add(subscriber);
        return subscriber;
    }

    void remove(Subscriber subscriber) {
        heartbeatSlots.get(subscriber.heartbeatSlot()).remove(subscriber);
    }

    @Override
    public Interest interest() {
        return interest;
    }

    @Override
    public void offer(Message message) {
        offered.add(message);
        if (turnScheduled.compareAndSet(false, true)) {
            scheduleTurn();
        }
    }

    private void scheduleTurn() {
        long sinceLastNs = batchIntervalNs == 0 ? 0 : System.nanoTime() - lastTurnNs;
        if (sinceLastNs >= batchIntervalNs) {
            loop.execute(this::turn);
        } else {
            loop.schedule(this::turn, batchIntervalNs - sinceLastNs, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void offer(PresenceNews news) {
        loop.execute(() -> tell(news));
    }

    private void tell(PresenceNews news) {
        Prepared prepared = Prepared.of(news);
        presenceWatchers.forEach(news.channel(), watcher -> tell(watcher, news, prepared));
        prepared.release();
        flush();
    }

    private static void tell(Subscriber watcher, PresenceNews news, Prepared prepared) {
        try {
            watcher.onPresence(news, prepared);
        } catch (RuntimeException | OutOfMemoryError e) {
            watcher.fail(e);
        }
    }

    /** A listener that fails is told so, and the others get theirs. */
    private static void tell(Listener listener, List<Message> messages, Prepared prepared) {
        try {
            listener.onMessages(messages, prepared);
        } catch (RuntimeException | OutOfMemoryError e) {
            listener.onFailure(e);
        }
    }

    private void turn() {
        turnScheduled.set(false);
        lastTurnNs = System.nanoTime();
        MessageId handedOn = hub.handedOn();
        for (int left = TURN; left > 0; ) {
            List<Message> run = nextRun(left);
            if (run.isEmpty()) {
                complete = handedOn;
                flush();
                return;
            }
            last = offered.isEmpty();
            deliver(run);
            last = false;
            left -= run.size();
        }
        flush();
        if (turnScheduled.compareAndSet(false, true)) {
            loop.execute(this::turn);
        }
    }

    /**
     * What came next, of one channel: several messages are encoded and written as one, which costs
     * little more than one of them.
     */
    private List<Message> nextRun(int most) {
        Message first = offered.poll();
        if (first == null) {
            return List.of();
        }
        Message next = offered.peek();
        int room = WRITE_BYTES - first.size();
        if (!follows(first, next, room)) {
            return List.of(first);
        }
        List<Message> run = new ArrayList<>();
        run.add(first);
        while (run.size() < most && follows(first, next, room)) {
            run.add(offered.remove());
            room -= next.size();
            next = offered.peek();
        }
        return run;
    }

    private static boolean follows(Message first, @Nullable Message next, int room) {
        return next != null
                && next.size() <= room
                && next.channel().equals(first.channel())
                && next.id().epoch().equals(first.id().epoch());
    }

    private void deliver(List<Message> run) {
        Prepared prepared = Prepared.of(run);
        index.forEach(run.get(0).channel(), listener -> tell(listener, run, prepared));
        prepared.release();
    }

    private void beat() {
        turn();
        pages.clear();
        beatingSlot = (beatingSlot + 1) % HEARTBEAT_SLOTS;
        List<Subscriber> beating = List.copyOf(heartbeatSlots.get(beatingSlot));
        cutLost(beating);
        cutLost(List.copyOf(heartbeatSlots.get((beatingSlot + OPPOSITE_SLOT) % HEARTBEAT_SLOTS)));
        beating.forEach(subscriber -> subscriber.heartbeat(complete));
    }

    private void cutLost(List<Subscriber> subscribers) {
        subscribers.forEach(subscriber -> subscriber.cutIfLost(lostAfterMs));
    }

    void flushLater(Subscriber subscriber) {
        unflushed.add(subscriber);
        if (last && unflushed.size() >= BLOCK) {
            flush();
        }
    }

    void flush() {
        List<Subscriber> written = unflushed;
        if (written.isEmpty()) {
            return;
        }
        unflushed = new ArrayList<>(written.size());
        written.forEach(Subscriber::flushTurn);
    }

    /** Logs what ended a connection, once for all that it ended. */
    void log(Throwable failure) {
        if (failure != logged) {
            logged = failure;
            LOG.error("connections are closed that could not be served", failure);
        }
    }

    /** Runs {@code task} on the loop, after what it has before it. */
    void run(Runnable task) {
        loop.execute(task);
    }

    /** Runs {@code task} on the loop, after {@code ms}. */
    void runLater(long ms, Runnable task) {
        vertx.setTimer(ms, timer -> task.run());
    }

    Conflation conflation(List<ChannelPattern> patterns, int ms) {
        return conflations.computeIfAbsent(
                new Conflation.Key(patterns, ms), key -> new Conflation(this, key));
    }

    void forget(Conflation.Key key) {
        conflations.remove(key);
    }

    PatternIndex<Subscriber> presenceWatchers() {
        return presenceWatchers;
    }

    PatternIndex<Listener> index() {
        return index;
    }

    /** Reads the log for the feeds of this loop. */
    SharedPages pages() {
        return pages;
    }

    public Hub hub() {
        return hub;
    }

    /** What this loop has delivered. By any thread. */
    public DeliveryCounts counts() {
        return counts;
    }

    Vertx vertx() {
        return vertx;
    }
}
