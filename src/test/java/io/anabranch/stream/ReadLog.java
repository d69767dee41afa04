package io.anabranch.stream;

import io.anabranch.log.Appended;
import io.anabranch.log.ChannelSummary;
import io.anabranch.log.Draft;
import io.anabranch.log.Extent;
import io.anabranch.log.Log;
import io.anabranch.log.MemoryLog;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.log.Retention;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** A log that knows what was read of it, can hold its answers back, be away, and lose its past. */
final class ReadLog implements Log {
    final Queue<Query> reads = new ConcurrentLinkedQueue<>();

    private final int history;
    private Consumer<Message> tail = message -> {};
    private volatile Log log;
    private volatile Future<Void> held = Future.succeededFuture();
    private volatile boolean away;

    /**
     * @param history how many messages each channel keeps
     */
    ReadLog(int history) {
        this.history = history;
        this.log = memoryLog();
    }

    private MemoryLog memoryLog() {
        return new MemoryLog(
                channel -> new Retention(history, 60_000, false),
                60_000,
                System::currentTimeMillis);
    }

    /** What is read from now on is answered when the promise is kept. */
    Promise<Void> hold() {
        Promise<Void> release = Promise.promise();
        held = release.future();
        return release;
    }

    void away(boolean isAway) {
        away = isAway;
    }

    /** Begins a new epoch, and is empty. */
    void lose() {
        MemoryLog next = memoryLog();
        next.tail(tail);
        log = next;
    }

    @Override
    public Future<Page> read(Query query) {
        reads.add(query);
        if (away) {
            return held.compose(unused -> Future.failedFuture("away, as this test wants it"));
        }
        Future<Page> page = log.read(query);
        return held.compose(unused -> page);
    }

    @Override
    public Optional<String> notReady() {
        return away ? Optional.of("away, as this test wants it") : log.notReady();
    }

    @Override
    public Future<Appended> append(Draft draft) {
        return log.append(draft);
    }

    @Override
    public void tail(Consumer<Message> handler) {
        tail = handler;
        log.tail(handler);
    }

    @Override
    public Future<Extent> extent(Query query) {
        return log.extent(query);
    }

    @Override
    public Future<List<ChannelSummary>> channels(String prefix, String after, int limit) {
        return log.channels(prefix, after, limit);
    }

    @Override
    public MessageId head() {
        return log.head();
    }

    @Override
    public Future<Void> close() {
        return log.close();
    }
}
