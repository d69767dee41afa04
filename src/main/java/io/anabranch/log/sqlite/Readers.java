package io.anabranch.log.sqlite;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A few threads that read the file beside the writer, each with a connection of its own. */
final class Readers {
    private static final Logger LOG = LoggerFactory.getLogger(Readers.class);
    private static final int THREADS = 3;
    private static final long CLOSE_WITHIN_S = 10;

    private final List<Rows> all = new ArrayList<>();
    private final BlockingQueue<Rows> idle = new LinkedBlockingQueue<>();
    private final AtomicInteger names = new AtomicInteger();
    private final ExecutorService threads =
            Executors.newFixedThreadPool(
                    THREADS, work -> new Thread(work, "anabranch-read-" + names.incrementAndGet()));

    Readers(SqliteFile file, String epoch) throws SQLException {
        for (int i = 0; i < THREADS; i++) {
            all.add(new Rows(new Statements(file.openForReading()), epoch));
        }
        idle.addAll(all);
    }

    /** What is read with a connection. */
    interface Reading<T> {
        T from(Rows rows) throws SQLException;
    }

    /** Completes on one of these threads. */
    <T> Future<T> read(Reading<T> reading) {
        Promise<T> promise = Promise.promise();
        try {
            threads.execute(() -> read(reading, promise));
        } catch (RejectedExecutionException e) {
            return Future.failedFuture(SqliteFailure.closed());
        }
        return promise.future();
    }

    private <T> void read(Reading<T> reading, Promise<T> promise) {
        Rows rows = idle.remove();
        T result;
        try {
            result = reading.from(rows);
        } catch (SQLException | RuntimeException | OutOfMemoryError e) {
            LOG.error("the log cannot be read", e);
            rows.renew();
            promise.fail(SqliteFailure.ofRead());
            return;
        } finally {
            idle.add(rows);
        }
        promise.complete(result);
    }

    void close() throws InterruptedException, SQLException {
        threads.shutdown();
        if (!threads.awaitTermination(CLOSE_WITHIN_S, TimeUnit.SECONDS)) {
            LOG.warn("reads of the log go on after {} s", CLOSE_WITHIN_S);
        }
        for (Rows rows : all) {
            rows.close();
        }
    }
}
