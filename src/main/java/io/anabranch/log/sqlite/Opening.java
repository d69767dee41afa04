package io.anabranch.log.sqlite;

import io.anabranch.log.DedupWindow;
import io.anabranch.log.Retention;
import io.anabranch.message.Channel;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes up a log where its last process left it: by closing it, or by a crash. */
final class Opening {
    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final Store store;
    private final SqliteOptions options;
    private final Function<Channel, Retention> retention;
    private final View view;
    private final boolean crashed;

    /** Places of messages that a cut has taken and that are still in the file. */
    private final List<Long> cutPlaces = new ArrayList<>();

    Opening(Store store, SqliteOptions options, Function<Channel, Retention> retention)
            throws SQLException {
        this.store = store;
        this.options = options;
        this.retention = retention;
        this.crashed = store.number(SqliteSchema.OPEN) != 0;
        // After a crash the head stands behind every id that may have been given out.
        MessageId head =
                new MessageId(store.meta(SqliteSchema.EPOCH), store.number(SqliteSchema.RESERVED));
        this.view = new View(head, new HotCache(options.bounds().hotBytes(), head.seq()));
    }

    View view() {
        return view;
    }

    List<Long> cutPlaces() {
        return cutPlaces;
    }

    /** Reads the channels, and of the messages only those that the table does not know yet. */
    void restore() throws SQLException {
        List<ChannelState> toSave = restoreChannels();
        restoreTail();
        store.transaction(
                true,
                () -> {
                    for (ChannelState state : toSave) {
                        store.saveChannel(state);
                    }
                    long reserved = view.head().seq() + options.bounds().reservedIds();
                    store.setMeta(SqliteSchema.RESERVED, reserved);
                    store.setMeta(SqliteSchema.OPEN, 1);
                });
        // The ids set apart are in the file itself now, whatever becomes of the write-ahead log.
        SqliteFile.execute(store.connection(), "PRAGMA wal_checkpoint(TRUNCATE)");
        if (crashed) {
            LOG.warn(
                    "the log was not closed: it goes on at {}; of channels that are not durable"
                            + " the messages up to there are gone",
                    view.head());
        }
    }

    private List<ChannelState> restoreChannels() throws SQLException {
        List<ChannelState> toSave = new ArrayList<>();
        Connection connection = store.connection();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT id, name, durable, head, cut, count, indexed"
                                        + " FROM channel")) {
            while (row.next()) {
                Channel channel = new Channel(row.getString(2));
                ChannelState state =
                        new ChannelState(row.getLong(1), channel, retention.apply(channel));
                state.restore(row.getLong(4), row.getLong(5), row.getLong(6), row.getLong(7));
                boolean wasDurable = row.getBoolean(3);
                if (crashed && !wasDurable) {
                    // Nobody knows what was handed on and is lost.
                    state.cut(view.head().seq(), 0);
                }
                if (crashed && !wasDurable || wasDurable != state.retention().durable()) {
                    toSave.add(state);
                }
                view.add(state);
            }
        }
        return toSave;
    }

    private void restoreTail() throws SQLException {
        long indexed = store.number(SqliteSchema.INDEXED);
        Connection connection = store.connection();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT seq, channel FROM message WHERE seq > "
                                        + indexed
                                        + " ORDER BY seq")) {
            while (row.next()) {
                long seq = row.getLong(1);
                ChannelState state = view.channel(row.getLong(2));
                if (state == null) {
                    throw new Refusal(
                            Reason.UNAVAILABLE,
                            "log.path: "
                                    + options.path()
                                    + " is damaged (message "
                                    + seq
                                    + " has no channel) (expected: a backup in its place)");
                }
                if (seq <= state.cut()) {
                    cutPlaces.add(seq);
                } else if (seq > state.indexed()) {
                    view.restoreTail(state, seq);
                }
            }
        }
    }

    /**
     * @param now by {@link io.anabranch.log.LogClock#steadyMs()}
     */
    DedupWindow dedup(long now) throws SQLException {
        DedupWindow window = new DedupWindow(options.dedupWindowMs());
        long oldest = window.oldest(now);
        store.keys(
                (seq, time, key) -> {
                    if (time >= oldest) {
                        // A clock that was ahead must not make it last.
                        window.remember(key, view.head().at(seq), Math.min(time, now));
                    }
                });
        return window;
    }
}
