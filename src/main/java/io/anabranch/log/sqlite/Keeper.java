package io.anabranch.log.sqlite;

import io.anabranch.message.Message;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Decides what each channel keeps: so many messages, and none older than so much. It cuts, which is
 * quick; the {@link Sweeper} takes the messages from the file. The writer's own.
 */
final class Keeper {
    /** Places that one look at one channel goes through, so that a new limit stalls nobody. */
    private static final int MOST_AT_ONCE = 10_000;

    private static final int CHANNELS_PER_LOOK = 64;
    private static final String TIME_FROM =
            "SELECT seq, time FROM message WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT 1";

    private final View view;
    private final Store store;
    private final Sweeper sweeper;
    private Iterator<ChannelState> next = List.<ChannelState>of().iterator();
    private final Map<Long, Long> oldByAge = new HashMap<>();
    private long now;
    private long written;
    private boolean again;

    Keeper(View view, Store store, Sweeper sweeper) {
        this.view = view;
        this.store = store;
        this.sweeper = sweeper;
    }

    /**
     * Begins a round over all channels.
     *
     * @param newest no message after this place is in the file yet
     */
    void begin(long newest, long time) {
        next = new ArrayList<>(view.channels()).iterator();
        oldByAge.clear();
        written = newest;
        now = time;
        again = false;
    }

    boolean hasWork() {
        return next.hasNext() || again;
    }

    /** One step of the round. */
    void step(Deadline deadline) throws SQLException {
        if (!next.hasNext()) {
            begin(written, now);
        }
        for (int i = 1; next.hasNext(); i++) {
            ChannelState state = next.next();
            keepNewest(state);
            keepYoung(state);
            if (i % CHANNELS_PER_LOOK == 0 && deadline.isOver()) {
                return;
            }
        }
    }

    private void keepNewest(ChannelState state) throws SQLException {
        long excess = state.count() - state.retention().messages();
        if (excess <= 0) {
            return;
        }
        if (excess > state.indexedCount()) {
            cut(state, state.tail().get((int) (excess - state.indexedCount() - 1)), 0);
            return;
        }
        int some = (int) Math.min(excess, MOST_AT_ONCE);
        long[] last = {0};
        int found =
                store.rows()
                        .first(
                                state.id(),
                                state.cut(),
                                state.indexed(),
                                some,
                                seq -> last[0] = seq);
        if (found > 0) {
            cut(state, last[0], state.indexedCount() - found);
            again |= some < excess;
        }
    }

    private void keepYoung(ChannelState state) throws SQLException {
        if (state.count() == 0) {
            return;
        }
        long old = old(state.retention().ageMs());
        if (state.oldest() > old) {
            return;
        }
        int inRing = state.tail().firstAfter(old);
        if (inRing > 0) {
            cut(state, state.tail().get(inRing - 1), 0);
            return;
        }
        long[] last = {0};
        long end = Math.min(old, state.indexed());
        int found =
                store.rows()
                        .first(state.id(), state.cut(), end, MOST_AT_ONCE, seq -> last[0] = seq);
        if (found > 0) {
            cut(state, last[0], state.indexedCount() - found);
        }
        if (found == MOST_AT_ONCE) {
            again = true;
        } else {
            // Until then there is nothing to look for in this channel.
            state.oldest(old + 1);
        }
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
                if (row.next() && row.getLong(2) < time) {
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
