package io.anabranch.log.sqlite;

import io.anabranch.log.ClockSteps;
import io.anabranch.message.Message;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Decides what each channel keeps: so many messages, and none older than so much. It cuts, which is
 * quick; the {@link Sweeper} takes the messages from the file. The writer's own.
 */
final class Keeper implements Chore {
    private static final String TIME_FROM =
            "SELECT seq, time FROM message WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT 1";

    private final View view;
    private final Store store;
    private final Sweeper sweeper;
    private final ClockSteps steps;
    private long next = 1;
    private long last;
    private final Map<Long, Long> oldByAge = new HashMap<>();
    private long now;
    private long written;

    Keeper(View view, Store store, Sweeper sweeper, ClockSteps steps) {
        this.view = view;
        this.store = store;
        this.sweeper = sweeper;
        this.steps = steps;
    }

    /**
     * Begins a round over all channels.
     *
     * @param newest no message after this place is in the file yet
     * @param time by {@link io.anabranch.log.LogClock#steadyMs()}
     */
    void begin(long newest, long time) {
        next = 1;
        last = view.lastChannel();
        oldByAge.clear();
        written = newest;
        now = time;
    }

    @Override
    public Step.Kind kind() {
        return Step.Kind.RETENTION;
    }

    /** Whether the round goes on. */
    @Override
    public boolean hasWork(long newest) {
        return next <= last;
    }

    @Override
    public void step(long newest, Budget budget) throws SQLException {
        while (next <= last && !budget.isSpent()) {
            ChannelState state = view.channel(next);
            boolean done = state == null || (keepNewest(state, budget) && keepYoung(state, budget));
            next += done ? 1 : 0;
        }
    }

    /** Whether that is all. */
    private boolean keepNewest(ChannelState state, Budget budget) throws SQLException {
        long excess = state.count() - state.retention().messages();
        if (excess <= 0) {
            return true;
        }
        if (excess > state.indexedCount()) {
            cut(state, state.tail().get((int) (excess - state.indexedCount() - 1)), 0);
            return true;
        }
        int most = (int) Math.min(excess, budget.left());
        int found = cutIndexed(state, state.indexed(), most, budget);
        return found < most || most == excess;
    }

    /** Whether that is all. */
    private boolean keepYoung(ChannelState state, Budget budget) throws SQLException {
        if (state.count() == 0) {
            return true;
        }
        long old = old(state.retention().ageMs());
        if (state.oldest() > old) {
            return true;
        }
        int inRing = state.tail().firstAfter(old);
        if (inRing > 0) {
            cut(state, state.tail().get(inRing - 1), 0);
            return true;
        }
        int most = budget.left();
        if (cutIndexed(state, Math.min(old, state.indexed()), most, budget) == most) {
            return false;
        }
        // Until then there is nothing to look for in this channel.
        state.oldest(old + 1);
        return true;
    }

    /** Cuts at most {@code most} of the places in the table, up to {@code end}. */
    private int cutIndexed(ChannelState state, long end, int most, Budget budget)
            throws SQLException {
        long[] place = {0};
        int found = store.rows().first(state.id(), state.cut(), end, most, seq -> place[0] = seq);
        budget.spend(found);
        if (found > 0) {
            cut(state, place[0], state.indexedCount() - found);
        }
        return found;
    }

    private void cut(ChannelState state, long seq, long indexedLeft) {
        sweeper.add(state, view.cut(state, seq, indexedLeft));
    }

    /** All messages up to this place are older than {@code ageMs}. */
    private long old(long ageMs) throws SQLException {
        Long known = oldByAge.get(ageMs);
        if (known == null) {
            known = newestBefore(now - ageMs);
            oldByAge.put(ageMs, known);
        }
        return known;
    }

    /** Searches by halves, as time grows with the place. */
    private long newestBefore(long time) throws SQLException {
        long low = 0;
        long high = written + 1;
        while (high - low > 1) {
            long middle = (low + high) >>> 1;
            PreparedStatement timeFrom = store.statements().get(TIME_FROM);
            timeFrom.setLong(1, middle);
            timeFrom.setLong(2, high);
            try (ResultSet row = timeFrom.executeQuery()) {
                if (row.next() && steps.steadyMs(row.getLong(1), row.getLong(2)) < time) {
                    low = row.getLong(1);
                } else {
                    high = middle;
                }
            }
        }
        return low;
    }

    /** Drops a message that could not be written, and with it what came before on its channel. */
    void drop(ChannelState state, Message message) {
        cut(state, message.id().seq(), 0);
    }
}
