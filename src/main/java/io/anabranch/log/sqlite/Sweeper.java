package io.anabranch.log.sqlite;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Writes down cuts, and then takes from the file what they have made invisible: in the order of the
 * file, so that neighbours go together and few pages change. The writer's own.
 */
final class Sweeper implements Chore {
    /** So many places of the table are sorted at a time. */
    private static final int MOST_GATHERED = 1 << 16;

    private static final int MOST_LOOSE = 1 << 16;

    /** Entries of the table go together, as those of one channel share a page. */
    private static final int ENOUGH_LEFTOVERS = 64;

    /** But no more of them stay than this part of what the channel keeps. */
    private static final int PART_OF_KEPT = 8;

    private final Store store;
    private final Set<ChannelState> unsaved = new LinkedHashSet<>();

    /** Channels whose places in the table are to be gathered. */
    private final Set<ChannelState> unswept = new LinkedHashSet<>();

    /** Places without an entry in the table. */
    private final PriorityQueue<Long> loose = new PriorityQueue<>();

    /** Places with an entry: being gathered, or in order and removed up to {@link #removed}. */
    private final long[] places = new long[MOST_GATHERED];

    private int gathered;
    private int removed;
    private boolean gathers = true;

    /** Channels whose entries are to go when all that is gathered is removed. */
    private final Set<ChannelState> untidy = new LinkedHashSet<>();

    Sweeper(Store store) {
        this.store = store;
    }

    /** Takes up what the last process left: channels cut, and places without an entry. */
    void restore(Collection<ChannelState> channels, List<Long> cutPlaces) {
        channels.stream().filter(state -> state.cut() > 0).forEach(unswept::add);
        loose.addAll(cutPlaces);
    }

    /** The channel has been cut; {@code gone} are places that had no entry in the table. */
    void add(ChannelState state, List<Long> gone) {
        unsaved.add(state);
        unswept.add(state);
        loose.addAll(gone);
    }

    @Override
    public Step.Kind kind() {
        return Step.Kind.SWEEP;
    }

    @Override
    public int backlog() {
        return loose.size() / MOST_LOOSE;
    }

    @Override
    public boolean hasWork(long written) {
        return !unsaved.isEmpty() || !unswept.isEmpty() || !gathers || hasLoose(written);
    }

    boolean hasLoose(long upTo) {
        return !loose.isEmpty() && loose.element() <= upTo;
    }

    @Override
    public void step(long written, Budget budget) throws SQLException {
        gather(budget);
        List<ChannelState> saved = new ArrayList<>();
        List<Long> looseRemoved = new ArrayList<>();
        List<ChannelState> tidied = new ArrayList<>();
        int removedBefore = removed;
        try {
            store.transaction(
                    false,
                    () -> {
                        save(budget, saved);
                        // What is taken from the file is known to be gone, also after a crash.
                        if (unsaved.isEmpty()) {
                            removeLoose(written, budget, looseRemoved);
                            removeGathered(budget);
                            tidy(budget, tidied);
                        }
                    });
        } catch (SQLException e) {
            unsaved.addAll(saved);
            loose.addAll(looseRemoved);
            removed = removedBefore;
            untidy.addAll(tidied);
            throw e;
        }
        tidied.forEach(state -> state.swept(state.swept(), 0));
        if (!gathers && removed == gathered && untidy.isEmpty()) {
            gathered = 0;
            removed = 0;
            gathers = true;
        }
    }

    /** Reads which places of the table have been cut, and puts them in order. */
    private void gather(Budget budget) throws SQLException {
        if (!gathers) {
            return;
        }
        Iterator<ChannelState> states = unswept.iterator();
        while (states.hasNext() && gathered < MOST_GATHERED && !budget.isSpent()) {
            ChannelState state = states.next();
            int most = Math.min(budget.left(), MOST_GATHERED - gathered);
            if (gather(state, most, budget) < most) {
                states.remove();
            }
        }
        if (unswept.isEmpty() || gathered == MOST_GATHERED) {
            gathers = false;
            Arrays.sort(places, 0, gathered);
        }
    }

    private int gather(ChannelState state, int most, Budget budget) throws SQLException {
        long end = Math.min(state.cut(), state.indexed());
        int found =
                store.rows()
                        .first(
                                state.id(),
                                state.swept(),
                                end,
                                most,
                                seq -> places[gathered++] = seq);
        budget.spend(found);
        if (found > 0) {
            state.swept(places[gathered - 1], state.leftovers() + found);
            if (state.leftovers() >= enoughLeftovers(state)) {
                untidy.add(state);
            }
        }
        return found;
    }

    private static int enoughLeftovers(ChannelState state) {
        return Math.min(ENOUGH_LEFTOVERS, 1 + state.retention().messages() / PART_OF_KEPT);
    }

    /** Writes down all cuts, within a transaction of the caller's. */
    void save() throws SQLException {
        for (ChannelState state : unsaved) {
            store.saveChannel(state);
        }
    }

    private void save(Budget budget, List<ChannelState> saved) throws SQLException {
        Iterator<ChannelState> states = unsaved.iterator();
        while (states.hasNext() && !budget.isSpent()) {
            ChannelState state = states.next();
            store.saveChannel(state);
            budget.spend(1);
            saved.add(state);
            states.remove();
        }
    }

    private void removeLoose(long upTo, Budget budget, List<Long> looseRemoved)
            throws SQLException {
        while (hasLoose(upTo) && !budget.isSpent()) {
            looseRemoved.add(loose.element());
            store.removeMessage(loose.remove());
            budget.spend(1);
        }
    }

    private void removeGathered(Budget budget) throws SQLException {
        while (!gathers && removed < gathered && !budget.isSpent()) {
            store.removeMessage(places[removed++]);
            budget.spend(1);
        }
    }

    /** An entry goes after its message, which without it would not be found after a crash. */
    private void tidy(Budget budget, List<ChannelState> tidied) throws SQLException {
        Iterator<ChannelState> states = untidy.iterator();
        while (!gathers && removed == gathered && states.hasNext() && !budget.isSpent()) {
            ChannelState state = states.next();
            int most = budget.left();
            long[] last = {0};
            int found =
                    store.rows().first(state.id(), 0, state.swept(), most, seq -> last[0] = seq);
            store.removePlaces(state.id(), last[0]);
            budget.spend(found);
            if (found < most) {
                states.remove();
                tidied.add(state);
            }
        }
    }
}
