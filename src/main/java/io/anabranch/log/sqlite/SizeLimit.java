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
final class SizeLimit {
    private static final Logger LOG = LoggerFactory.getLogger(SizeLimit.class);
    private static final int MESSAGES_PER_STEP = 2_000;
    private static final String OLDEST =
            "SELECT seq, channel FROM message WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT "
                    + MESSAGES_PER_STEP;

    private final View view;
    private final Store store;
    private final Sweeper sweeper;
    private final long maxBytes;
    private final long pageSize;
    private long from;
    private boolean told;

    SizeLimit(View view, Store store, Sweeper sweeper, long maxBytes) throws SQLException {
        this.view = view;
        this.store = store;
        this.sweeper = sweeper;
        this.maxBytes = maxBytes;
        this.pageSize = SqliteFile.number(store.connection(), "PRAGMA page_size");
    }

    boolean isExceeded() throws SQLException {
        return maxBytes != SqliteOptions.NO_LIMIT && usedBytes() > maxBytes;
    }

    private long usedBytes() throws SQLException {
        long pages = SqliteFile.number(store.connection(), "PRAGMA page_count");
        long free = SqliteFile.number(store.connection(), "PRAGMA freelist_count");
        return (pages - free) * pageSize;
    }

    /**
     * Cuts the oldest messages of all.
     *
     * @param written no message after this place is in the file yet
     */
    void step(long written) throws SQLException {
        if (!told) {
            told = true;
            LOG.warn("log.maxSize is reached: the oldest messages of all channels go");
        }
        Map<ChannelState, Cut> cuts = new LinkedHashMap<>();
        PreparedStatement oldest = store.statements().get(OLDEST);
        oldest.setLong(1, from);
        oldest.setLong(2, written);
        try (ResultSet row = oldest.executeQuery()) {
            while (row.next()) {
                from = row.getLong(1);
                ChannelState state = view.channel(row.getLong(2));
                if (state != null && from > state.cut()) {
                    cuts.computeIfAbsent(state, key -> new Cut()).add(from, state.indexed());
                }
            }
        }
        cuts.forEach(
                (state, cut) -> {
                    long left = state.indexedCount() - cut.indexed;
                    sweeper.add(state, view.cut(state, cut.last, left));
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
