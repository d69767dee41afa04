package io.anabranch.log.sqlite;

import io.anabranch.log.Appended;
import io.anabranch.log.Draft;
import io.anabranch.log.LogClock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that writes: it takes all that waits, appends it, and looks after the file. */
final class SqliteWriter {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteWriter.class);
    private static final int MOST_WAITING = 1 << 18;
    private static final int MOST_IN_BATCH = 4_096;
    private static final long BYTES_IN_BATCH = 8 << 20;
    private static final long IDLE_MS = 20;

    private final Committer committer;
    private final Housekeeping housekeeping;
    private final Checkpointer checkpointer;
    private final LogClock clock;
    private final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "anabranch-log");

    /** After this the queue takes nothing. Guarded by {@link #jobs}. */
    private boolean closed;

    /** The writer's own. */
    private boolean ends;

    private volatile @Nullable Error fatal;

    SqliteWriter(
            Committer committer,
            Housekeeping housekeeping,
            Checkpointer checkpointer,
            LogClock clock) {
        this.committer = committer;
        this.housekeeping = housekeeping;
        this.checkpointer = checkpointer;
        this.clock = clock;
    }

    void start() {
        thread.start();
    }

    Future<Appended> append(Draft draft) {
        Promise<Appended> promise = Promise.promise();
        if (jobs.size() >= MOST_WAITING) {
            return Future.failedFuture(SqliteFailure.busy());
        }
        return offer(new Job.Waiting(draft, promise), false) ? promise.future() : closed();
    }

    /** Runs {@code work} between two batches. */
    Future<Void> run(Runnable work) {
        Job.Task task = new Job.Task(work, Promise.promise());
        return offer(task, false) ? task.done().future() : closed();
    }

    /** Appends what waits, does {@code last} and ends. Returns when that is done. */
    void close(Runnable last) throws InterruptedException {
        Runnable end =
                () -> {
                    ends = true;
                    last.run();
                };
        offer(new Job.Task(end, Promise.promise()), true);
        thread.join();
    }

    /** What the writer has ended of, as no log's may; null while it works. By any thread. */
    @Nullable Error fatal() {
        return fatal;
    }

    private static <T> Future<T> closed() {
        return Future.failedFuture(SqliteFailure.closed());
    }

    private boolean offer(Job job, boolean isLast) {
        synchronized (jobs) {
            if (closed) {
                return false;
            }
            closed = isLast;
            return jobs.offer(job);
        }
    }

    private void run() {
        try {
            while (!ends) {
                runOnce();
            }
        } catch (Error e) {
            fatal = e;
            LOG.error("the log's writer has ended: nothing is stored any more", e);
        } finally {
            refuseTheRest();
        }
    }

    private void runOnce() {
        try {
            turn();
        } catch (InterruptedException e) {
            LOG.error("the log's writer was interrupted, which nobody may do", e);
        } catch (RuntimeException e) {
            LOG.error("a defect in the log's writer", e);
        }
    }

    /** Nobody waits for ever, also when this thread ends for want of memory. */
    private void refuseTheRest() {
        synchronized (jobs) {
            closed = true;
        }
        for (Job job = jobs.poll(); job != null; job = jobs.poll()) {
            if (job instanceof Job.Waiting waiting) {
                waiting.promise().tryFail(SqliteFailure.closed());
            } else if (job instanceof Job.Task task) {
                task.done().tryFail(SqliteFailure.closed());
            }
        }
    }

    private void turn() throws InterruptedException {
        List<Job.Waiting> batch = new ArrayList<>();
        Job.Task task = take(batch);
        if (!batch.isEmpty()) {
            append(batch);
        }
        if (task != null) {
            run(task);
        }
        committer.flushIfDue();
        checkpointer.needsRoom(committer.isFailing() || housekeeping.isFailing());
        boolean finished = checkpointer.finishIfDue();
        if (!finished && hasHousework()) {
            housekeeping.step(committer.written(), clock.steadyMs());
        }
    }

    private boolean hasHousework() {
        boolean mayWait = checkpointer.isFinishing() && !housekeeping.isUrgent();
        return !mayWait && housekeeping.hasWork(committer.written());
    }

    private static void run(Job.Task task) {
        try {
            task.work().run();
            task.done().complete();
        } catch (RuntimeException e) {
            task.done().fail(e);
        }
    }

    private void append(List<Job.Waiting> batch) {
        try {
            committer.append(batch);
        } catch (RuntimeException | Error e) {
            batch.forEach(waiting -> waiting.promise().tryFail(e));
            throw e;
        }
    }

    /** Fills a batch with what waits, up to the next task, which it gives. */
    private Job.@Nullable Task take(List<Job.Waiting> batch) throws InterruptedException {
        Job job = hasHousework() ? jobs.poll() : jobs.poll(IDLE_MS, TimeUnit.MILLISECONDS);
        long bytes = 0;
        while (job instanceof Job.Waiting waiting) {
            batch.add(waiting);
            bytes += waiting.draft().data().length();
            if (batch.size() == MOST_IN_BATCH || bytes >= BYTES_IN_BATCH) {
                return null;
            }
            job = jobs.poll();
        }
        return (Job.Task) job;
    }
}
