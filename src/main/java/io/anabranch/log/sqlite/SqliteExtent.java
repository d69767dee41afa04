package io.anabranch.log.sqlite;

import io.anabranch.log.Extent;
import io.anabranch.log.Query;
import io.anabranch.log.SeqRing;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what a query would read: from memory, and from the table where that is needed. */
final class SqliteExtent {
    private final Query query;
    private final Span span;
    private final List<Seek> seeks = new ArrayList<>();
    private long messages;
    private boolean complete;

    SqliteExtent(View view, Query query) {
        this.query = query;
        this.span = Span.of(query, view.head());
        this.complete = !span.reset();
        synchronized (view) {
            view.matching(query.patterns(), Long.MAX_VALUE).forEach(this::add);
        }
    }

    /**
     * @param counted how many of the channel's messages have been counted already
     */
    private record Seek(long channel, long after, long upTo, long counted) {}

    private void add(ChannelState state) {
        if (query.lastPerChannel() == 0 && state.cut() > span.after()) {
            complete = false;
        }
        long from = Math.max(span.after(), state.cut());
        if (state.head() <= from || from >= span.upTo()) {
            return;
        }
        SeqRing ring = state.tail();
        long inRing = limited(ring.firstAfter(span.upTo()) - ring.firstAfter(from));
        messages += inRing;
        if (from >= state.indexed() || state.indexedCount() == 0 || limited(inRing + 1) == inRing) {
            return;
        }
        if (from == state.cut() && span.upTo() >= state.indexed()) {
            messages += limited(inRing + state.indexedCount()) - inRing;
        } else {
            long end = Math.min(span.upTo(), state.indexed());
            seeks.add(new Seek(state.id(), from, end, inRing));
        }
    }

    private long limited(long count) {
        return query.lastPerChannel() > 0 ? Math.min(count, query.lastPerChannel()) : count;
    }

    /** The extent; null when it cannot be had without the file. */
    @Nullable Extent inMemory() {
        return seeks.isEmpty() ? new Extent(messages, complete) : null;
    }

    Extent fromDisk(Rows rows) throws SQLException {
        long all = messages;
        for (Seek seek : seeks) {
            long found = rows.count(seek.channel(), seek.after(), seek.upTo());
            all += limited(seek.counted() + found) - seek.counted();
        }
        return new Extent(all, complete);
    }
}
