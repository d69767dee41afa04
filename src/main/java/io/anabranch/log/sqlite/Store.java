package io.anabranch.log.sqlite;

import io.anabranch.log.DedupWindow;
import io.anabranch.message.EventName;
import io.anabranch.message.Message;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The writing half of the file, over the one connection that writes: the writer's own. */
final class Store implements AutoCloseable {
    private final Connection connection;
    private final Rows rows;
    private final PreparedStatement begin;
    private final PreparedStatement commit;
    private final PreparedStatement addChannel;
    private final PreparedStatement saveChannel;
    private final PreparedStatement addMessage;
    private final PreparedStatement removeMessage;
    private final PreparedStatement addPlace;
    private final PreparedStatement removePlaces;
    private final PreparedStatement addKey;
    private final PreparedStatement removeKeys;
    private final PreparedStatement setMeta;
    private boolean syncs = true;

    /** Takes over the connection. */
    Store(Connection connection) throws SQLException {
        this.connection = connection;
        rows = new Rows(connection, meta(SqliteSchema.EPOCH));
        begin = connection.prepareStatement("BEGIN IMMEDIATE");
        commit = connection.prepareStatement("COMMIT");
        addChannel =
                connection.prepareStatement("INSERT INTO channel VALUES (?, ?, ?, 0, 0, 0, 0)");
        saveChannel =
                connection.prepareStatement(
                        "UPDATE channel SET durable = ?, head = ?, cut = ?, count = ?, indexed = ?"
                                + " WHERE id = ?");
        // A cast turns bytes into text without looking at them.
        addMessage =
                connection.prepareStatement(
                        "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT))");
        removeMessage = connection.prepareStatement("DELETE FROM message WHERE seq = ?");
        addPlace = connection.prepareStatement("INSERT INTO channel_index VALUES (?, ?)");
        removePlaces =
                connection.prepareStatement(
                        "DELETE FROM channel_index WHERE channel = ? AND seq <= ?");
        addKey = connection.prepareStatement("INSERT INTO dedup VALUES (?, ?, ?, ?, ?)");
        removeKeys = connection.prepareStatement("DELETE FROM dedup WHERE seq <= ?");
        setMeta = connection.prepareStatement("UPDATE meta SET value = ? WHERE key = ?");
    }

    /** Several statements that count together or not at all. */
    interface Work {
        void run() throws SQLException;
    }

    /**
     * Commits what {@code work} does.
     *
     * @param sync whether it is to be on stable storage when this returns. Otherwise it is so
     *     before anything later is: the write-ahead log keeps their order
     */
    void transaction(boolean sync, Work work) throws SQLException {
        if (sync != syncs) {
            SqliteFile.execute(connection, "PRAGMA synchronous = " + (sync ? "FULL" : "NORMAL"));
            syncs = sync;
        }
        begin.execute();
        try {
            work.run();
            commit.execute();
        } catch (SQLException | RuntimeException e) {
            rollback(e);
            throw e;
        }
    }

    private void rollback(Exception cause) {
        try {
            SqliteFile.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            // SQLite has rolled back by itself where the failure was grave.
            cause.addSuppressed(e);
        }
    }

    Rows rows() {
        return rows;
    }

    Connection connection() {
        return connection;
    }

    String meta(String key) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT value FROM meta WHERE key = ?")) {
            statement.setString(1, key);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? String.valueOf(row.getString(1)) : "";
            }
        }
    }

    long number(String key) throws SQLException {
        String value = meta(key);
        return value.isEmpty() ? 0 : Long.parseLong(value);
    }

    void setMeta(String key, long value) throws SQLException {
        setMeta.setLong(1, value);
        setMeta.setString(2, key);
        setMeta.executeUpdate();
    }

    void addChannel(ChannelState state) throws SQLException {
        addChannel.setLong(1, state.id());
        addChannel.setString(2, state.channel().name());
        addChannel.setBoolean(3, state.retention().durable());
        addChannel.executeUpdate();
    }

    void saveChannel(ChannelState state) throws SQLException {
        saveChannel(state, state.indexedCount(), state.indexed());
    }

    void saveChannel(ChannelState state, long count, long indexed) throws SQLException {
        saveChannel.setBoolean(1, state.retention().durable());
        saveChannel.setLong(2, state.head());
        saveChannel.setLong(3, state.cut());
        saveChannel.setLong(4, count);
        saveChannel.setLong(5, indexed);
        saveChannel.setLong(6, state.id());
        saveChannel.executeUpdate();
    }

    void addMessage(Message message, long channel) throws SQLException {
        long prev = message.prev() == null ? 0 : message.prev().seq();
        boolean named = !message.event().equals(EventName.DEFAULT);
        addMessage.setLong(1, message.id().seq());
        addMessage.setLong(2, channel);
        addMessage.setLong(3, prev);
        addMessage.setLong(4, message.time());
        addMessage.setString(5, named ? message.event() : null);
        addMessage.setString(6, message.user());
        addMessage.setBytes(7, message.data().utf8());
        addMessage.executeUpdate();
    }

    void removeMessage(long seq) throws SQLException {
        removeMessage.setLong(1, seq);
        removeMessage.executeUpdate();
    }

    void addPlace(long channel, long seq) throws SQLException {
        addPlace.setLong(1, channel);
        addPlace.setLong(2, seq);
        addPlace.executeUpdate();
    }

    void removePlaces(long channel, long upTo) throws SQLException {
        removePlaces.setLong(1, channel);
        removePlaces.setLong(2, upTo);
        removePlaces.executeUpdate();
    }

    void addKey(Message message, @Nullable String dedup) throws SQLException {
        addKey.setLong(1, message.id().seq());
        addKey.setLong(2, message.time());
        addKey.setString(3, message.channel().name());
        addKey.setString(4, message.user());
        addKey.setString(5, dedup);
        addKey.executeUpdate();
    }

    /** What looks at the keys of the deduplication window, oldest first. */
    interface KeyVisitor {
        void visit(long seq, long time, DedupWindow.Key key);
    }

    void keys(int most, KeyVisitor visitor) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT seq, time, channel, user, key FROM dedup ORDER BY seq LIMIT ?")) {
            statement.setInt(1, most);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    visitor.visit(
                            row.getLong(1),
                            row.getLong(2),
                            new DedupWindow.Key(
                                    row.getString(4), row.getString(3), row.getString(5)));
                }
            }
        }
    }

    void removeKeys(long upTo) throws SQLException {
        removeKeys.setLong(1, upTo);
        removeKeys.executeUpdate();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
