package io.anabranch.log.sqlite;

import io.anabranch.log.SeqRing;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves the older half of the newest places from memory to the table, sorted by channel: so a page
 * of the table takes many at a time. In short steps; the writer's own.
 */
final class Indexer implements Chore {
    private final Store store;
    private final View view;
    private final Sweeper sweeper;
    private final int mostInMemory;

    /** Where the running round ends; 0 when none runs. */
    private long target;

    /** The ids of the channels of the running round that are left. */
    private long next;

    private long last;

    Indexer(Store store, View view, Sweeper sweeper, int mostInMemory) {
        this.store = store;
        this.view = view;
        this.sweeper = sweeper;
        this.mostInMemory = mostInMemory;
    }

    @Override
    public Step.Kind kind() {
        return Step.Kind.INDEX;
    }

    @Override
    public boolean hasWork(long written) {
        if (target > 0) {
            return next <= last || !sweeper.hasLoose(target);
        }
        SeqRing tail = view.tail();
        return tail.size() > mostInMemory && tail.get(tail.size() / 2) <= written;
    }

    @Override
    public int backlog() {
        return Math.max(0, view.tail().size() / mostInMemory - 1);
    }

    @Override
    public void step(long written, Budget budget) throws SQLException {
        if (target == 0) {
            begin();
        }
        if (next <= last) {
            move(budget);
        }
        if (next > last && !sweeper.hasLoose(target)) {
            end();
        }
    }

    private void begin() {
        SeqRing tail = view.tail();
        target = tail.get(tail.size() / 2);
        next = 1;
        last = view.lastChannel();
        synchronized (view) {
            view.hot().evict(target);
        }
    }

    private void move(Budget budget) throws SQLException {
        List<Moved> moved = new ArrayList<>();
        long before = next;
        try {
            store.transaction(false, () -> move(budget, moved));
        } catch (SQLException e) {
            next = before;
            throw e;
        }
        moved.forEach(one -> view.indexed(one.state(), one.howMany(), one.upTo()));
    }

    private void move(Budget budget, List<Moved> moved) throws SQLException {
        while (next <= last && !budget.isSpent()) {
            ChannelState state = view.channel(next);
            int end = state == null ? 0 : state.tail().firstAfter(target);
            if (state == null || end == 0) {
                next++;
                continue;
            }
            Moved one = move(state, end, budget);
            store.saveChannel(state, state.indexedCount() + one.howMany(), one.upTo());
            budget.spend(1);
            moved.add(one);
            next += one.howMany() == end ? 1 : 0;
        }
    }

    private Moved move(ChannelState state, int end, Budget budget) throws SQLException {
        SeqRing ring = state.tail();
        int howMany = 0;
        do {
            store.addPlace(state.id(), ring.get(howMany++));
            budget.spend(1);
        } while (howMany < end && !budget.isSpent());
        return new Moved(state, howMany, howMany == end ? target : ring.get(howMany - 1));
    }

    private void end() throws SQLException {
        long upTo = target;
        store.transaction(false, () -> store.setMeta(SqliteSchema.INDEXED, upTo));
        view.indexed(upTo);
        target = 0;
    }

    /** The first {@code howMany} places of a ring, up to a place, are in the table. */
    private record Moved(ChannelState state, int howMany, long upTo) {}
}
