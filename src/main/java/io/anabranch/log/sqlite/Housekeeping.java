package io.anabranch.log.sqlite;

import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the writer does beside appending: retention, the size limit, the table of places, old
 * deduplication keys. One short step of one of them at a time, so that appends hardly notice.
 */
final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final long STEP_MS = 5;
    private static final int STEP_ROWS = 1_024;
    private static final int MOST_STEPS = 4;
    private static final long ROUND_MS = 1_000;

    private final Sequencer sequencer;
    private final Store store;
    private final ExpiredKeys keys;
    private final Keeper keeper;
    private final SizeLimit sizeLimit;
    private final Sweeper sweeper;
    private final List<Paced> chores;
    private int turn;
    private Deadline round = Deadline.in(0);
    private Deadline pause = Deadline.in(0);
    private boolean failing;

    Housekeeping(
            Store store,
            Sequencer sequencer,
            Indexer indexer,
            Keeper keeper,
            Sweeper sweeper,
            SizeLimit sizeLimit) {
        this.store = store;
        this.sequencer = sequencer;
        this.keys = new ExpiredKeys(store);
        this.keeper = keeper;
        this.sweeper = sweeper;
        this.sizeLimit = sizeLimit;
        this.chores =
                List.of(
                        new Paced(keys),
                        new Paced(keeper),
                        new Paced(sizeLimit),
                        new Paced(indexer),
                        new Paced(sweeper));
    }

    private record Paced(Chore chore, Pace pace) {
        Paced(Chore chore) {
            this(chore, new Pace());
        }
    }

    /** Whether there is something to do at once. */
    boolean hasWork(long written) {
        return pause.isOver()
                && (round.isOver()
                        || chores.stream().anyMatch(paced -> paced.chore().hasWork(written)));
    }

    /** Whether the file is larger than it may be, and grows the longer this waits. */
    boolean isUrgent() {
        return sizeLimit.isExceeded();
    }

    /** Whether the last step could not be written. */
    boolean isFailing() {
        return failing;
    }

    /**
     * One short step of the chore whose turn it is.
     *
     * @param written no message after this place is in the file yet
     * @param now by {@link io.anabranch.log.LogClock#steadyMs()}
     */
    void step(long written, long now) {
        if (!pause.isOver()) {
            return;
        }
        if (round.isOver() && !keeper.hasWork(written)) {
            round = Deadline.in(ROUND_MS);
            keeper.begin(written, now);
            keys.begin(sequencer.oldestKey(now));
        }
        try {
            work(written);
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

    private void work(long written) throws SQLException {
        // Over the size limit appends wait for every chore, lest they outrun what makes room.
        int steps = isUrgent() ? chores.size() : 1;
        for (int i = 0; steps > 0 && i < chores.size(); i++) {
            Paced paced = chores.get(turn);
            turn = (turn + 1) % chores.size();
            if (paced.chore().hasWork(written)) {
                work(paced, written);
                steps--;
            }
        }
    }

    private void work(Paced paced, long written) throws SQLException {
        Chore chore = paced.chore();
        // More where appends are ahead of what follows them, so that memory and file are bounded.
        int times = isUrgent() ? MOST_STEPS : 1 + chore.backlog();
        int rows = Math.min(paced.pace().rows(), STEP_ROWS * times);
        long start = System.nanoTime();
        Budget budget = new Budget(rows, Deadline.in(STEP_MS * Math.min(MOST_STEPS, times)));
        Step.run(
                chore.kind(),
                () -> {
                    chore.step(written, budget);
                    return budget.spent();
                });
        paced.pace().took(System.nanoTime() - start, rows, budget.spent());
    }

    /** Does at once all that retention would do in time. */
    void retainNow(long written, long now) throws SQLException {
        keeper.begin(written, now);
        for (Chore chore : List.of(keeper, sweeper)) {
            while (chore.hasWork(written)) {
                chore.step(written, Budget.unlimited());
            }
        }
    }

    /** Writes down what was only decided, within a transaction of the caller's. */
    void save() throws SQLException {
        sweeper.save();
    }
}
