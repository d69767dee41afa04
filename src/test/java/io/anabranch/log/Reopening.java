package io.anabranch.log;

import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A log that is closed and opened again now and then, which nobody who uses it may notice. */
final class Reopening<L extends Log> implements Log {
    private final Supplier<L> open;
    private final int oneIn;
    private final Random random = new Random(1);
    private L log;
    private Consumer<Message> tail = message -> {};

    /**
     * @param oneIn before how many calls it is opened again, on average
     */
    Reopening(Supplier<L> open, int oneIn) {
        this.open = open;
        this.oneIn = oneIn;
        this.log = open.get();
    }

    L current() {
        return log;
    }

    private Log next() {
        if (random.nextInt(oneIn) == 0) {
            reopen();
        }
        return log;
    }

    void reopen() {
        MessageId head = log.head();
        log.close().toCompletionStage().toCompletableFuture().join();
        log = open.get();
        if (!log.head().equals(head)) {
            throw new AssertionError("was at " + head + ", opened at " + log.head());
        }
        log.tail(tail);
    }

    @Override
    public Future<Appended> append(Draft draft) {
        return next().append(draft);
    }

    @Override
    public Future<Page> read(Query query) {
        return next().read(query);
    }

    @Override
    public Future<Extent> extent(Query query) {
        return next().extent(query);
    }

    @Override
    public Future<List<ChannelSummary>> channels(String prefix, String after, int limit) {
        return next().channels(prefix, after, limit);
    }

    @Override
    public void tail(Consumer<Message> handler) {
        tail = handler;
        log.tail(handler);
    }

    @Override
    public Optional<String> notReady() {
        return log.notReady();
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
