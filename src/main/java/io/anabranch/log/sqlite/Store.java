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
    private static final String ADD_CHANNEL = "INSERT INTO channel VALUES (?, ?, ?, 0, 0, 0, 0)";
    private static final String SAVE_CHANNEL =
            "UPDATE channel SET durable = ?, head = ?, cut = ?, count = ?, indexed = ?"
                    + " WHERE id = ?";
    // A cast turns bytes into text without looking at them.
    private static final String ADD_MESSAGE =
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT))";
    private static final String REMOVE_MESSAGE = "DELETE FROM message WHERE seq = ?";
    private static final String ADD_PLACE = "INSERT INTO channel_index VALUES (?, ?)";
    private static final String REMOVE_PLACES =
            "DELETE FROM channel_index WHERE channel = ? AND seq <= ?";
    private static final String ADD_KEY = "INSERT INTO dedup VALUES (?, ?, ?, ?, ?)";
    private static final String KEYS =
            "SELECT seq, time, channel, user, key FROM dedup ORDER BY seq";
    private static final String REMOVE_KEYS =
            "DELETE FROM dedup WHERE seq <= (SELECT max(seq) FROM"
                    + " (SELECT seq, time FROM dedup ORDER BY seq LIMIT ?) WHERE time < ?)";
    private static final String META = "SELECT value FROM meta WHERE key = ?";
    private static final String SET_META = "UPDATE meta SET value = ? WHERE key = ?";

    private final Connection connection;
    private final Statements statements;
    private final Rows rows;
    private boolean syncs = true;

    /** Takes over the connection. */
    Store(Connection connection) throws SQLException {
        this.connection = connection;
        this.statements = new Statements(connection);
        this.rows = new Rows(statements, meta(SqliteSchema.EPOCH));
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
        try {
            statements.get("BEGIN IMMEDIATE").executeUpdate();
            work.run();
            statements.get("COMMIT").executeUpdate();
        } catch (SQLException | RuntimeException e) {
            rollback(e);
            throw e;
        }
    }

    private void rollback(Exception cause) {
        statements.renew();
        try {
            SqliteFile.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            // SQLite has rolled back by itself where the failure was grave.
            cause.addSuppressed(e);
        }
    }

    /** To be called after a failure outside of a transaction. */
    void renew() {
        statements.renew();
    }

    Statements statements() {
        return statements;
    }

    Rows rows() {
        return rows;
    }

    Connection connection() {
        return connection;
    }

    String meta(String key) throws SQLException {
        PreparedStatement statement = statements.get(META);
        statement.setString(1, key);
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    long number(String key) throws SQLException {
        String value = meta(key);
        return value.isEmpty() ? 0 : Long.parseLong(value);
    }

    void setMeta(String key, long value) throws SQLException {
        PreparedStatement statement = statements.get(SET_META);
        statement.setLong(1, value);
        statement.setString(2, key);
        statement.executeUpdate();
    }

    void addChannel(ChannelState state) throws SQLException {
        PreparedStatement statement = statements.get(ADD_CHANNEL);
        statement.setLong(1, state.id());
        statement.setString(2, state.channel().name());
        statement.setBoolean(3, state.retention().durable());
        statement.executeUpdate();
    }

    void saveChannel(ChannelState state) throws SQLException {
        saveChannel(state, state.indexedCount(), state.indexed());
    }

    void saveChannel(ChannelState state, long count, long indexed) throws SQLException {
        PreparedStatement statement = statements.get(SAVE_CHANNEL);
        statement.setBoolean(1, state.retention().durable());
        statement.setLong(2, state.head());
        statement.setLong(3, state.cut());
        statement.setLong(4, count);
        statement.setLong(5, indexed);
        statement.setLong(6, state.id());
        statement.executeUpdate();
    }

    void addMessage(Message message, long channel) throws SQLException {
        long prev = message.prev() == null ? 0 : message.prev().seq();
        boolean named = !message.event().equals(EventName.DEFAULT);
        PreparedStatement statement = statements.get(ADD_MESSAGE);
        statement.setLong(1, message.id().seq());
        statement.setLong(2, channel);
        statement.setLong(3, prev);
        statement.setLong(4, message.time());
        statement.setString(5, named ? message.event() : null);
        statement.setString(6, message.user());
        statement.setBytes(7, message.data().utf8());
        statement.executeUpdate();
    }

    void removeMessage(long seq) throws SQLException {
        PreparedStatement statement = statements.get(REMOVE_MESSAGE);
        statement.setLong(1, seq);
        statement.executeUpdate();
    }

    void addPlace(long channel, long seq) throws SQLException {
        PreparedStatement statement = statements.get(ADD_PLACE);
        statement.setLong(1, channel);
        statement.setLong(2, seq);
        statement.executeUpdate();
    }

    void removePlaces(long channel, long upTo) throws SQLException {
        PreparedStatement statement = statements.get(REMOVE_PLACES);
        statement.setLong(1, channel);
        statement.setLong(2, upTo);
        statement.executeUpdate();
    }

    void addKey(Message message, @Nullable String dedup) throws SQLException {
        PreparedStatement statement = statements.get(ADD_KEY);
        statement.setLong(1, message.id().seq());
        statement.setLong(2, message.time());
        statement.setString(3, message.channel().name());
        statement.setString(4, message.user());
        statement.setString(5, dedup);
        statement.executeUpdate();
    }

    /** What looks at the keys of the deduplication window, oldest first. */
    interface KeyVisitor {
        void visit(long seq, long time, DedupWindow.Key key);
    }

    void keys(KeyVisitor visitor) throws SQLException {
        PreparedStatement statement = statements.get(KEYS);
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                visitor.visit(
                        row.getLong(1),
                        row.getLong(2),
                        new DedupWindow.Key(row.getString(4), row.getString(3), row.getString(5)));
            }
        }
    }

    /** Removes those of the {@code most} oldest keys that are older than {@code time}. */
    int removeKeys(long time, int most) throws SQLException {
        PreparedStatement statement = statements.get(REMOVE_KEYS);
        statement.setInt(1, most);
        statement.setLong(2, time);
        return statement.executeUpdate();
    }

    @Override
    public void close() throws SQLException {
        statements.close();
    }
}
