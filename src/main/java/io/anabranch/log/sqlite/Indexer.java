package io.anabranch.log.sqlite;

import io.anabranch.log.SeqRing;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Moves the older half of the newest places from memory to the table, sorted by channel: so a page
 * of the table takes many at a time. In short steps; the writer's own.
 */
final class Indexer {
    private static final int PLACES_PER_LOOK = 256;

    private final Store store;
    private final View view;
    private final Sweeper sweeper;
    private final int mostInMemory;
    private final Deque<ChannelState> next = new ArrayDeque<>();

    /** Where the running round ends; 0 when none runs. */
    private long target;

    Indexer(Store store, View view, Sweeper sweeper, int mostInMemory) {
        this.store = store;
        this.view = view;
        this.sweeper = sweeper;
        this.mostInMemory = mostInMemory;
    }

    /**
     * @param written no message after this place is in the file yet
     */
    boolean hasWork(long written) {
        SeqRing tail = view.tail();
        return target > 0 || (tail.size() > mostInMemory && tail.get(tail.size() / 2) <= written);
    }

    /** How many times as many places are in memory as there should be. */
    int backlog() {
        return view.tail().size() / mostInMemory;
    }

    /** One step, where there is work. */
    void step(Deadline deadline) throws SQLException {
        if (target == 0) {
            begin();
        }
        List<Moved> moved = new ArrayList<>();
        store.transaction(false, () -> move(deadline, moved));
        moved.forEach(one -> view.indexed(one.state(), one.howMany(), one.upTo()));
        moved.stream().filter(Moved::isAll).forEach(one -> next.remove(one.state()));
        if (next.isEmpty() && !sweeper.hasLoose(target)) {
            end();
        }
    }

    private void begin() {
        SeqRing tail = view.tail();
        target = tail.get(tail.size() / 2);
        synchronized (view) {
            view.hot().evict(target);
        }
        view.channels().stream()
                .filter(state -> state.tail().firstAfter(target) > 0)
                .sorted(Comparator.comparingLong(ChannelState::id))
                .forEach(next::add);
    }

    private void move(Deadline deadline, List<Moved> moved) throws SQLException {
        for (ChannelState state : next) {
            if (deadline.isOver()) {
                return;
            }
            Moved one = move(state, deadline);
            store.saveChannel(state, state.indexedCount() + one.howMany(), one.upTo());
            moved.add(one);
        }
    }

    private Moved move(ChannelState state, Deadline deadline) throws SQLException {
        SeqRing ring = state.tail();
        int end = ring.firstAfter(target);
        for (int i = 0; i < end; i++) {
            if (i > 0 && i % PLACES_PER_LOOK == 0 && deadline.isOver()) {
                return new Moved(state, i, ring.get(i - 1), false);
            }
            store.addPlace(state.id(), ring.get(i));
        }
        return new Moved(state, end, target, true);
    }

    private void end() throws SQLException {
        long upTo = target;
        store.transaction(false, () -> store.setMeta(SqliteSchema.INDEXED, upTo));
        view.indexed(upTo);
        target = 0;
    }

    /** The first {@code howMany} places of a ring, up to a place, are in the table. */
    private record Moved(ChannelState state, int howMany, long upTo, boolean isAll) {}
}
