package io.anabranch.log.sqlite;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the file's used pages below a size: the oldest messages go first, whatever channel they are
 * on. The writer's own.
 */
final class SizeLimit implements Chore {
    private static final Logger LOG = LoggerFactory.getLogger(SizeLimit.class);
    private static final long CHECK_MS = 50;
    private static final String OLDEST =
            "SELECT seq, channel, octet_length(data) FROM message WHERE seq > ? AND seq <= ?"
                    + " ORDER BY seq LIMIT ?";

    private final View view;
    private final Store store;
    private final Sweeper sweeper;
    private final long maxBytes;
    private final long pageSize;
    private Deadline check = Deadline.in(0);
    private boolean exceeded;
    private long from;
    private boolean told;

    SizeLimit(View view, Store store, Sweeper sweeper, long maxBytes) throws SQLException {
        this.view = view;
        this.store = store;
        this.sweeper = sweeper;
        this.maxBytes = maxBytes;
        this.pageSize = SqliteFile.number(store.connection(), "PRAGMA page_size");
    }

    /** Whether the file was larger than it may be when it was last looked at. */
    boolean isExceeded() {
        return exceeded;
    }

    @Override
    public Step.Kind kind() {
        return Step.Kind.SIZE_LIMIT;
    }

    /** What has been cut makes room first, before more is. */
    @Override
    public boolean hasWork(long written) {
        return exceeded
                ? !sweeper.hasWork(written)
                : maxBytes != SqliteOptions.NO_LIMIT && check.isOver();
    }

    @Override
    public void step(long written, Budget budget) throws SQLException {
        check = Deadline.in(CHECK_MS);
        long excess = usedBytes() - maxBytes;
        exceeded = excess > 0;
        if (exceeded && !sweeper.hasWork(written)) {
            // Half, and then the rest: pages hold more than data, and not too many messages may go.
            cut((excess + 1) / 2, written, budget);
        }
    }

    private long usedBytes() throws SQLException {
        long pages = SqliteFile.number(store.connection(), "PRAGMA page_count");
        long free = SqliteFile.number(store.connection(), "PRAGMA freelist_count");
        return (pages - free) * pageSize;
    }

    /** Cuts the oldest messages of all, as many as have so many bytes of data. */
    private void cut(long bytes, long written, Budget budget) throws SQLException {
        if (!told) {
            told = true;
            LOG.warn("log.maxSize is reached: the oldest messages of all channels go");
        }
        Map<ChannelState, Cut> cuts = new LinkedHashMap<>();
        long left = bytes;
        PreparedStatement oldest = store.statements().get(OLDEST);
        oldest.setLong(1, from);
        oldest.setLong(2, written);
        oldest.setInt(3, budget.left());
        try (ResultSet row = oldest.executeQuery()) {
            while (left > 0 && !budget.isSpent() && row.next()) {
                budget.spend(1);
                from = row.getLong(1);
                left -= Math.max(1, row.getLong(3));
                ChannelState state = view.channel(row.getLong(2));
                if (state != null && from > state.cut()) {
                    cuts.computeIfAbsent(state, key -> new Cut()).add(from, state.indexed());
                }
            }
        }
        cuts.forEach(
                (state, cut) -> {
                    long kept = state.indexedCount() - cut.indexed;
                    sweeper.add(state, view.cut(state, cut.last, kept));
                });
    }

    private static final class Cut {
        private long last;
        private long indexed;

        void add(long seq, long indexedUpTo) {
            last = seq;
            indexed += seq <= indexedUpTo ? 1 : 0;
        }
    }
}
