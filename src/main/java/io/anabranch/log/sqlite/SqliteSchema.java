package io.anabranch.log.sqlite;

import io.anabranch.log.Epoch;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables, as an operator meets them in {@code sqlite3 data/anabranch.db}. {@code SELECT * FROM
 * messages} shows what the log holds.
 */
final class SqliteSchema {
    /** "Anab", in the header of the file. */
    static final int APPLICATION_ID = 0x416e6162;

    static final int VERSION = 1;

    /** The first half of every id. */
    static final String EPOCH = "epoch";

    /** No id after this one has been given out; the head itself after a clean close. */
    static final String RESERVED = "reserved";

    /** 1 from the start until a clean close. */
    static final String OPEN = "open";

    /** The places of all messages up to this one are in channel_index. */
    static final String INDEXED = "indexed";

    private static final List<String> CREATE =
            List.of(
                    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
                    // head: its newest message ever; cut: all up to here are gone; count: how many
                    // of its messages are in channel_index, which holds them up to indexed.
                    "CREATE TABLE channel (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
                            + " durable INTEGER NOT NULL, head INTEGER NOT NULL,"
                            + " cut INTEGER NOT NULL, count INTEGER NOT NULL,"
                            + " indexed INTEGER NOT NULL)",
                    // In the order of the log. prev: 0 on a channel's first; event: null for
                    // message; time: ms since 1970 UTC.
                    "CREATE TABLE message (seq INTEGER PRIMARY KEY, channel INTEGER NOT NULL,"
                            + " prev INTEGER NOT NULL, time INTEGER NOT NULL, event TEXT,"
                            + " user TEXT, data TEXT NOT NULL)",
                    // Filled behind the newest messages, in large sorted steps.
                    "CREATE TABLE channel_index (channel INTEGER NOT NULL, seq INTEGER NOT NULL,"
                            + " PRIMARY KEY (channel, seq)) WITHOUT ROWID",
                    // The keys of the deduplication window, by the ids that they were given.
                    "CREATE TABLE dedup (seq INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
                            + " channel TEXT NOT NULL, user TEXT, key TEXT NOT NULL)",
                    "CREATE VIEW messages AS SELECT"
                            + " (SELECT value FROM meta WHERE key = 'epoch') || '-' || m.seq AS id,"
                            + " c.name AS channel, coalesce(m.event, 'message') AS event, m.user,"
                            + " strftime('%Y-%m-%dT%H:%M:%fZ', m.time / 1000.0, 'unixepoch')"
                            + " AS time, m.data"
                            + " FROM message AS m CROSS JOIN channel AS c ON c.id = m.channel"
                            + " WHERE m.seq > c.cut",
                    "INSERT INTO meta VALUES ('reserved', 0), ('open', 0), ('indexed', 0)",
                    "PRAGMA application_id = " + APPLICATION_ID,
                    "PRAGMA user_version = " + VERSION);

    private SqliteSchema() {}

    /** Makes a new log, of a new epoch, all at once. */
    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            for (String sql : CREATE) {
                statement.execute(sql);
            }
            statement.execute("INSERT INTO meta VALUES ('epoch', '" + Epoch.random() + "')");
            statement.execute("COMMIT");
        }
    }
}
