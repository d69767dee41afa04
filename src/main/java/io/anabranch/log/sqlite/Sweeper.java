package io.anabranch.log.sqlite;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Writes down cuts, and then takes from the file what they have made invisible: in short steps,
 * sorted by place, so that neighbours go together. The writer's own.
 */
final class Sweeper {
    private static final int PLACES_PER_CHANNEL = 512;
    private static final int PLACES_PER_GROUP = 1_024;
    private static final int PLACES_PER_LOOK = 64;
    private static final int MOST_LOOSE = 1 << 16;

    private final Store store;
    private final Set<ChannelState> unsaved = new LinkedHashSet<>();
    private final Set<ChannelState> unswept = new LinkedHashSet<>();

    /** Places without an entry in the table. */
    private final PriorityQueue<Long> loose = new PriorityQueue<>();

    Sweeper(Store store) {
        this.store = store;
    }

    /** Takes up what the last process left: channels cut, and places without an entry. */
    void restore(Collection<ChannelState> channels, List<Long> places) {
        channels.stream().filter(state -> state.cut() > 0).forEach(unswept::add);
        loose.addAll(places);
    }

    /** The channel has been cut; {@code places} had no entry in the table. */
    void add(ChannelState state, List<Long> places) {
        unsaved.add(state);
        unswept.add(state);
        loose.addAll(places);
    }

    /** How many times as many places wait for their removal as should at the most. */
    int backlog() {
        return loose.size() / MOST_LOOSE;
    }

    boolean hasWork(long written) {
        return !unsaved.isEmpty() || !unswept.isEmpty() || hasLoose(written);
    }

    boolean hasLoose(long upTo) {
        return !loose.isEmpty() && loose.element() <= upTo;
    }

    /**
     * One step.
     *
     * @param written no message after this place is in the file yet
     */
    void step(long written, Deadline deadline) throws SQLException {
        List<ChannelState> saved = new ArrayList<>();
        List<Long> removed = new ArrayList<>();
        List<ChannelState> swept = new ArrayList<>();
        try {
            store.transaction(
                    false,
                    () -> {
                        save(deadline, saved);
                        // What is taken from the file is known to be gone, also after a crash.
                        if (unsaved.isEmpty()) {
                            removeLoose(written, deadline, removed);
                            sweep(deadline, swept);
                        }
                    });
        } catch (SQLException e) {
            unsaved.addAll(saved);
            loose.addAll(removed);
            unswept.addAll(swept);
            throw e;
        }
    }

    /** Writes down all cuts, within a transaction of the caller's. */
    void save() throws SQLException {
        for (ChannelState state : unsaved) {
            store.saveChannel(state);
        }
    }

    private void save(Deadline deadline, List<ChannelState> saved) throws SQLException {
        Iterator<ChannelState> states = unsaved.iterator();
        while (states.hasNext()) {
            if (saved.size() % PLACES_PER_LOOK == PLACES_PER_LOOK - 1 && deadline.isOver()) {
                return;
            }
            ChannelState state = states.next();
            store.saveChannel(state);
            saved.add(state);
            states.remove();
        }
    }

    private void removeLoose(long upTo, Deadline deadline, List<Long> removed) throws SQLException {
        while (hasLoose(upTo)) {
            if (removed.size() % PLACES_PER_LOOK == 0 && deadline.isOver()) {
                return;
            }
            removed.add(loose.element());
            store.removeMessage(loose.remove());
        }
    }

    private void sweep(Deadline deadline, List<ChannelState> swept) throws SQLException {
        while (!unswept.isEmpty() && !deadline.isOver()) {
            sweepGroup(swept);
        }
    }

    /** Gathers places of several channels, and removes them in the order of the file. */
    private void sweepGroup(List<ChannelState> swept) throws SQLException {
        List<Long> places = new ArrayList<>();
        List<Swept> parts = new ArrayList<>();
        Iterator<ChannelState> states = unswept.iterator();
        while (states.hasNext() && places.size() < PLACES_PER_GROUP) {
            ChannelState state = states.next();
            List<Long> own = new ArrayList<>();
            long end = Math.min(state.cut(), state.indexed());
            store.rows().first(state.id(), 0, end, PLACES_PER_CHANNEL, own::add);
            if (own.size() < PLACES_PER_CHANNEL) {
                states.remove();
                swept.add(state);
            }
            if (!own.isEmpty()) {
                places.addAll(own);
                parts.add(new Swept(state, own.get(own.size() - 1)));
            }
        }
        places.sort(null);
        for (long place : places) {
            store.removeMessage(place);
        }
        for (Swept part : parts) {
            store.removePlaces(part.state().id(), part.upTo());
        }
    }

    private record Swept(ChannelState state, long upTo) {}
}
