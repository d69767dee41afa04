package io.anabranch.log;

import io.anabranch.message.Channel;
import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The log in memory: gone with the process, so every start is a new epoch. One lock guards it, held
 * for one append or one page.
 */
public final class MemoryLog implements Log {
    /** How many channels {@link #expire()} looks at while it holds the lock once. */
    private static final int EXPIRE_STEP = 1_000;

    private final ClockSteps steps = new ClockSteps();
    private final MemoryStore store;
    private final DedupWindow dedup;
    private final LogClock clock;
    private volatile MessageId head = new MessageId(Epoch.random(), 0);
    private Consumer<Message> tail = message -> {};

    /**
     * @param retention what each channel keeps; asked once a channel
     * @param dedupWindowMs how long a deduplication key is remembered, in ms
     */
    public MemoryLog(Function<Channel, Retention> retention, long dedupWindowMs, LogClock clock) {
        this.store = new MemoryStore(retention, steps);
        this.dedup = new DedupWindow(dedupWindowMs);
        this.clock = clock;
    }

    @Override
    public Future<Appended> append(Draft draft) {
        return Future.succeededFuture(appendNow(draft));
    }

    private synchronized Appended appendNow(Draft draft) {
        long steady = clock.steadyMs();
        Optional<MessageId> earlier = dedup.find(draft, steady);
        if (earlier.isPresent()) {
            return new Appended(earlier.get(), true);
        }
        MessageId id = head.at(head.seq() + 1);
        long wall = clock.wallMs();
        Message message = store.add(draft, id, wall);
        steps.note(id.seq(), wall, steady);
        dedup.remember(draft, id, steady);
        head = id;
        tail.accept(message);
        return new Appended(id, false);
    }

    @Override
    public Future<Page> read(Query query) {
        return Future.succeededFuture(readNow(query));
    }

    private synchronized Page readNow(Query query) {
        return memoryRead(query).page(head, isReset(query));
    }

    @Override
    public Future<Extent> extent(Query query) {
        return Future.succeededFuture(extentNow(query));
    }

    private synchronized Extent extentNow(Query query) {
        return memoryRead(query).extent(isReset(query));
    }

    @Override
    public synchronized Future<List<ChannelSummary>> channels(
            String prefix, String after, int limit) {
        return Future.succeededFuture(
                store.after(prefix, after).stream()
                        .limit(limit)
                        .map(
                                it ->
                                        new ChannelSummary(
                                                it.channel(), head.at(it.lastSeq()), it.size()))
                        .toList());
    }

    private MemoryRead memoryRead(Query query) {
        boolean fromCursor = query.after() instanceof Cursor.After && !isReset(query);
        long after = fromCursor ? ((Cursor.After) query.after()).id().seq() : 0;
        return new MemoryRead(store, query, after, Math.min(query.upTo(), head.seq()));
    }

    private boolean isReset(Query query) {
        return query.after() instanceof Cursor.After cursor
                && (!cursor.id().epoch().equals(head.epoch()) || cursor.id().seq() > head.seq());
    }

    /**
     * Removes what has become older than its channel keeps. For one thread, about once a second; it
     * holds the lock in short steps.
     */
    public void expire() {
        String next = "";
        while (next != null) {
            next = expireStep(next);
        }
    }

    private synchronized @Nullable String expireStep(String from) {
        return store.expire(from, EXPIRE_STEP, clock.steadyMs());
    }

    @Override
    public synchronized void tail(Consumer<Message> handler) {
        tail = handler;
    }

    @Override
    public Optional<String> notReady() {
        return Optional.empty();
    }

    @Override
    public MessageId head() {
        return head;
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
