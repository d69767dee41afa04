package io.anabranch.log.sqlite;

import io.anabranch.log.Appended;
import io.anabranch.log.ChannelSummary;
import io.anabranch.log.ClockSteps;
import io.anabranch.log.DedupWindow;
import io.anabranch.log.Draft;
import io.anabranch.log.Extent;
import io.anabranch.log.Log;
import io.anabranch.log.LogClock;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.log.Retention;
import io.anabranch.message.Channel;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log in one SQLite file. What is durable is on stable storage before it is acknowledged or
 * handed on; what is not is handed on at once and written with the next commit. Futures complete,
 * and the tail is called, on threads of the log's own.
 */
public final class SqliteLog implements Log {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteLog.class);

    private final HubLock lock;
    private final Store store;
    private final View view;
    private final Sequencer sequencer;
    private final Committer committer;
    private final Housekeeping housekeeping;
    private final SqliteWriter writer;
    private final Readers readers;
    private final Checkpointer checkpointer;
    private final LogClock clock;
    private final Promise<Void> closed = Promise.promise();
    private boolean closing;

    /**
     * Opens the log, or makes one where there is no file. Blocks: not for an event loop.
     *
     * @param retention what each channel keeps; asked once a channel
     * @throws Refusal when the file is another hub's, no log, damaged, or cannot be written
     */
    public static SqliteLog open(
            SqliteOptions options, Function<Channel, Retention> retention, LogClock clock) {
        HubLock lock = lock(options.path());
        try {
            return new SqliteLog(lock, options, retention, clock);
        } catch (SQLException e) {
            release(lock);
            throw SqliteFile.refusal(options.path(), e);
        } catch (RuntimeException e) {
            release(lock);
            throw e;
        }
    }

    private static HubLock lock(Path path) {
        try {
            Path directory = path.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            return HubLock.take(path);
        } catch (IOException e) {
            throw new Refusal(
                    Reason.UNAVAILABLE,
                    "log.path: "
                            + path
                            + " cannot be written: "
                            + e
                            + " (expected: a file in a directory that the hub may write)");
        }
    }

    private static void release(HubLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("the log's lock is not released: {}", e.toString());
        }
    }

    private SqliteLog(
            HubLock lock,
            SqliteOptions options,
            Function<Channel, Retention> retention,
            LogClock clock)
            throws SQLException {
        this.lock = lock;
        this.clock = clock;
        SqliteFile file = new SqliteFile(options.path());
        store = new Store(file.openForWriting());
        try {
            SqliteOptions.Bounds bounds = options.bounds();
            Opening opening = new Opening(store, options, retention);
            opening.restore();
            view = opening.view();
            DedupWindow dedup = opening.dedup(clock.steadyMs());
            ClockSteps steps = new ClockSteps();
            sequencer = new Sequencer(view, retention, dedup, steps);
            sequencer.reserved(store.number(SqliteSchema.RESERVED));
            Sweeper sweeper = new Sweeper(store);
            sweeper.restore(view.channels(), opening.cutPlaces());
            Keeper keeper = new Keeper(view, store, sweeper, steps);
            committer = new Committer(view, store, sequencer, keeper, bounds, clock);
            housekeeping =
                    new Housekeeping(
                            store,
                            sequencer,
                            new Indexer(store, view, sweeper, bounds.tailEntries()),
                            keeper,
                            sweeper,
                            new SizeLimit(view, store, sweeper, options.maxBytes()));
            readers = new Readers(file, view.head().epoch());
            checkpointer = new Checkpointer(file);
            writer = new SqliteWriter(committer, housekeeping, checkpointer, clock);
        } catch (SQLException | RuntimeException e) {
            store.close();
            throw e;
        }
        checkpointer.start();
        writer.start();
    }

    @Override
    public Future<Appended> append(Draft draft) {
        return writer.append(draft);
    }

    /** Completes at once when the page is in memory. */
    @Override
    public Future<Page> read(Query query) {
        SqliteRead read = new SqliteRead(view, query);
        Page page = read.inMemory();
        return page == null ? readers.read(read::fromDisk) : Future.succeededFuture(page);
    }

    @Override
    public Future<Extent> extent(Query query) {
        SqliteExtent counting = new SqliteExtent(view, query);
        Extent extent = counting.inMemory();
        return extent == null ? readers.read(counting::fromDisk) : Future.succeededFuture(extent);
    }

    @Override
    public Future<List<ChannelSummary>> channels(String prefix, String after, int limit) {
        return Future.succeededFuture(view.channels(prefix, after, limit));
    }

    @Override
    public void tail(Consumer<Message> handler) {
        committer.tail(handler);
    }

    @Override
    public Optional<String> notReady() {
        return Optional.ofNullable(writer.fatal())
                .map(fatal -> "log: its writer has ended: " + fatal + " (expected: a restart)");
    }

    @Override
    public MessageId head() {
        return view.head();
    }

    /** Removes at once what the background would remove in time. */
    public Future<Void> expire() {
        return writer.run(
                () -> {
                    committer.flush();
                    try {
                        housekeeping.retainNow(committer.written(), clock.steadyMs());
                    } catch (SQLException e) {
                        throw SqliteFailure.ofAppend(e);
                    }
                });
    }

    /** Writes what waits, and closes the file. Later calls give the same future. */
    @Override
    public synchronized Future<Void> close() {
        if (!closing) {
            closing = true;
            new Thread(this::closeNow, "anabranch-log-close").start();
        }
        return closed.future();
    }

    private void closeNow() {
        try {
            writer.close(this::writeLast);
            readers.close();
            store.close();
            checkpointer.close();
            lock.close();
            closed.complete();
        } catch (SQLException | IOException | InterruptedException e) {
            LOG.error("the log is not closed well", e);
            closed.fail(e);
        }
    }

    /** Says in the file that nothing was lost, where that is so. */
    private void writeLast() {
        committer.flush();
        if (!committer.isFlushed()) {
            LOG.error("the log is closed before all was written");
            return;
        }
        try {
            store.transaction(
                    true,
                    () -> {
                        housekeeping.save();
                        store.setMeta(SqliteSchema.RESERVED, sequencer.seq());
                        store.setMeta(SqliteSchema.OPEN, 0);
                    });
        } catch (SQLException e) {
            LOG.error("the log is closed as by a crash: {}", e.getMessage());
        }
    }
}
