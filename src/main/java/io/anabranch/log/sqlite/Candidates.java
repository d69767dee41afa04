package io.anabranch.log.sqlite;

import io.anabranch.log.SeqRing;
import io.anabranch.message.Channel;
import io.anabranch.message.Message;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The places that a page may show next: from rings at once, from the table when it is asked. */
final class Candidates {
    private final long after;
    private final long upTo;
    private final int most;
    private final List<Place> places = new ArrayList<>();
    private final List<Seek> seeks = new ArrayList<>();
    private long complete;

    /**
     * @param most how many places of each channel are looked for, the first ones
     */
    Candidates(long after, long upTo, int most) {
        this.after = after;
        this.upTo = upTo;
        this.most = most;
        this.complete = upTo;
    }

    /** A message's place, and the message where it is in memory. */
    record Place(long seq, Channel channel, @Nullable Message message) {}

    /** What to look for in the table. */
    private record Seek(ChannelState state, long after, long upTo, int newest) {}

    /** The channel's first places. Under the lock of the view. */
    void addFirst(ChannelState state) {
        long from = Math.max(after, state.cut());
        if (state.head() <= from || from >= upTo) {
            return;
        }
        if (from < state.indexed() && state.indexedCount() > 0) {
            seeks.add(new Seek(state, from, Math.min(upTo, state.indexed()), 0));
        }
        SeqRing ring = state.tail();
        int first = ring.firstAfter(from);
        int end = Math.min(ring.firstAfter(upTo), first + most);
        if (end == first + most) {
            complete = Math.min(complete, ring.get(end - 1));
        }
        addRing(state, first, end);
    }

    /** Those of the channel's {@code newest} places that are asked for. Under the view's lock. */
    void addNewest(ChannelState state, int newest) {
        if (state.head() <= Math.max(after, state.cut())) {
            return;
        }
        SeqRing ring = state.tail();
        int end = ring.firstAfter(upTo);
        int first = Math.max(0, end - newest);
        int left = newest - (end - first);
        if (left > 0 && after < state.indexed() && state.indexedCount() > 0) {
            long from = Math.max(after, state.cut());
            seeks.add(new Seek(state, from, Math.min(upTo, state.indexed()), left));
        }
        addRing(state, Math.max(first, Math.min(end, ring.firstAfter(after))), end);
    }

    private void addRing(ChannelState state, int first, int end) {
        for (int i = first; i < end; i++) {
            places.add(new Place(state.tail().get(i), state.channel(), null));
        }
    }

    /** Takes what messages there are in memory. Under the lock of the view. */
    void fill(HotCache hot) {
        places.replaceAll(place -> new Place(place.seq(), place.channel(), hot.at(place.seq())));
    }

    boolean needDisk() {
        return !seeks.isEmpty() || places.stream().anyMatch(place -> place.message() == null);
    }

    /** All of them, in order. */
    List<Place> sorted(@Nullable Rows rows) throws SQLException {
        if (rows != null) {
            for (Seek seek : seeks) {
                seek(seek, rows);
            }
            seeks.clear();
        }
        places.sort(Comparator.comparingLong(Place::seq));
        int end = places.size();
        while (end > 0 && places.get(end - 1).seq() > complete) {
            end--;
        }
        return places.subList(0, end);
    }

    private void seek(Seek seek, Rows rows) throws SQLException {
        long id = seek.state().id();
        List<Long> found = new ArrayList<>();
        if (seek.newest() > 0) {
            rows.newest(id, seek.after(), seek.upTo(), seek.newest(), found::add);
        } else if (rows.first(id, seek.after(), seek.upTo(), most, found::add) == most) {
            complete = Math.min(complete, found.get(most - 1));
        }
        Channel channel = seek.state().channel();
        found.forEach(seq -> places.add(new Place(seq, channel, null)));
    }

    /** When all of {@link #sorted} has been taken, the page is complete up to here. */
    long complete() {
        return complete;
    }
}
