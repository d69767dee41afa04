package io.anabranch.log.sqlite;

import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the writer does beside appending: retention, the size limit, the table of places, old
 * deduplication keys. In steps so short that appends hardly notice.
 */
final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final long STEP_MS = 5;
    private static final int MOST_STEPS = 4;
    private static final long ROUND_MS = 1_000;
    private static final long SIZE_CHECK_MS = 50;
    private static final long LONG_MS = 3_600_000;
    private static final int KEYS_PER_ROUND = 10_000;

    private final Store store;
    private final Sequencer sequencer;
    private final Indexer indexer;
    private final Keeper keeper;
    private final Sweeper sweeper;
    private final SizeLimit sizeLimit;
    private Deadline round = Deadline.in(0);
    private Deadline sizeCheck = Deadline.in(0);
    private Deadline pause = Deadline.in(0);
    private boolean failing;
    private boolean overSize;

    Housekeeping(
            Store store,
            Sequencer sequencer,
            Indexer indexer,
            Keeper keeper,
            Sweeper sweeper,
            SizeLimit sizeLimit) {
        this.store = store;
        this.sequencer = sequencer;
        this.indexer = indexer;
        this.keeper = keeper;
        this.sweeper = sweeper;
        this.sizeLimit = sizeLimit;
    }

    /** Whether there is something to do at once. */
    boolean hasWork(long written) {
        return pause.isOver()
                && (round.isOver()
                        || keeper.hasWork()
                        || indexer.hasWork(written)
                        || sweeper.hasWork(written));
    }

    /** Whether the file is larger than it may be, and grows the longer this waits. */
    boolean isUrgent() {
        return overSize;
    }

    /** Whether the last step could not be written. */
    boolean isFailing() {
        return failing;
    }

    /**
     * One short step.
     *
     * @param written no message after this place is in the file yet
     * @param now ms since 1970
     */
    void step(long written, long now) {
        if (!pause.isOver()) {
            return;
        }
        try {
            work(written, now);
            failing = false;
        } catch (SQLException e) {
            store.renew();
            if (!failing) {
                LOG.warn(
                        "retention and index wait, as the log cannot be written: {}",
                        e.getMessage());
            }
            failing = true;
            pause = Deadline.in(ROUND_MS);
        }
    }

    private void work(long written, long now) throws SQLException {
        if (round.isOver() && !keeper.hasWork()) {
            round = Deadline.in(ROUND_MS);
            keeper.begin(written, now);
            Step.run(Step.Kind.DEDUP, () -> removeKeys(now));
        }
        if (keeper.hasWork()) {
            Step.run(Step.Kind.RETENTION, () -> keeper.step(Deadline.in(STEP_MS)));
        }
        if (sizeCheck.isOver()) {
            overSize = sizeLimit.isExceeded();
            if (!overSize) {
                sizeCheck = Deadline.in(SIZE_CHECK_MS);
            } else if (!sweeper.hasWork(written)) {
                Step.run(Step.Kind.SIZE_LIMIT, () -> sizeLimit.step(written));
            }
        }
        if (indexer.hasWork(written)) {
            Step.run(Step.Kind.INDEX, () -> indexer.step(step(indexer.backlog())));
        }
        if (sweeper.hasWork(written)) {
            Step.run(Step.Kind.RETENTION, () -> sweeper.step(written, step(sweeper.backlog())));
        }
    }

    /** Longer steps where appends are ahead of what follows them, so that memory has a bound. */
    private static Deadline step(int backlog) {
        return Deadline.in(STEP_MS * Math.min(MOST_STEPS, 1 + backlog));
    }

    /** Does at once all that retention would do in time. */
    void retainNow(long written, long now) throws SQLException {
        keeper.begin(written, now);
        while (keeper.hasWork()) {
            keeper.step(Deadline.in(LONG_MS));
        }
        while (sweeper.hasWork(written)) {
            sweeper.step(written, Deadline.in(LONG_MS));
        }
    }

    /** Writes down what was only decided, within a transaction of the caller's. */
    void save() throws SQLException {
        sweeper.save();
    }

    private void removeKeys(long now) throws SQLException {
        long[] last = {0};
        long oldest = sequencer.oldestKey(now);
        store.keys(
                KEYS_PER_ROUND,
                (seq, time, key) -> {
                    if (time < oldest) {
                        last[0] = seq;
                    }
                });
        if (last[0] > 0) {
            store.transaction(false, () -> store.removeKeys(last[0]));
        }
    }
}
