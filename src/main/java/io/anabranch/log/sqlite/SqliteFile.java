package io.anabranch.log.sqlite;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteException;

/** The database file: opened after a look at whether it is a log and whole. */
final class SqliteFile {
    private static final int BUSY_MS = 10_000;
    private static final int WRITER_CACHE_KIB = 16 * 1024;
    private static final int READER_CACHE_KIB = 2 * 1024;
    private static final long WAL_BYTES_KEPT = 64 << 20;
    private static final String RESTORE =
            "restore a backup, or move it away for an empty log of a new epoch";

    private final Path path;

    SqliteFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /**
     * The connection of the writer; makes the log where there is none.
     *
     * @throws Refusal when the file is no log, damaged, or cannot be written
     */
    Connection openForWriting() {
        try {
            boolean isNew = isNew();
            Connection connection = connect(new SQLiteConfig(), WRITER_CACHE_KIB);
            try {
                prepare(connection, isNew);
                return connection;
            } catch (SQLException | Refusal e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw refusal(path, e);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /** A connection that copies the write-ahead log beside the writer. */
    Connection openForCheckpoints() throws SQLException {
        return connect(new SQLiteConfig(), READER_CACHE_KIB);
    }

    /** A connection that reads beside the writer. */
    Connection openForReading() throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        Connection connection = connect(config, READER_CACHE_KIB);
        execute(connection, "PRAGMA query_only = 1");
        return connection;
    }

    /** A connection that writes nothing, for others than the hub. */
    Connection openForLooking() throws SQLException {
        if (!Files.exists(path)) {
            throw refused("is not there", "the log of a hub, as log.path names it");
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        Connection connection = connect(config, READER_CACHE_KIB);
        try {
            requireLog(connection);
            return connection;
        } catch (SQLException | Refusal e) {
            connection.close();
            throw e;
        }
    }

    private Connection connect(SQLiteConfig config, int cacheKiB) throws SQLException {
        config.setBusyTimeout(BUSY_MS);
        config.setCacheSize(-cacheKiB);
        // Otherwise each insert is followed by a query for its key.
        config.setGetGeneratedKeys(false);
        return config.createConnection("jdbc:sqlite:" + path);
    }

    private boolean isNew() throws IOException {
        boolean hasData = Files.exists(path) && Files.size(path) > 0;
        Path wal = Path.of(path + "-wal");
        if (!hasData && Files.exists(wal) && Files.size(wal) > 0) {
            throw refused("is missing or empty, and " + wal + " is not", RESTORE);
        }
        return !hasData;
    }

    private void prepare(Connection connection, boolean isNew) throws SQLException {
        if (!isNew) {
            requireLog(connection);
        }
        execute(connection, "PRAGMA journal_mode = WAL");
        execute(connection, "PRAGMA synchronous = FULL");
        execute(connection, "PRAGMA journal_size_limit = " + WAL_BYTES_KEPT);
        // The checkpointer's task.
        execute(connection, "PRAGMA wal_autocheckpoint = 0");
        if (isNew) {
            SqliteSchema.create(connection);
        } else {
            requireWhole(connection);
        }
    }

    private void requireLog(Connection connection) throws SQLException {
        long application = number(connection, "PRAGMA application_id");
        if (application != SqliteSchema.APPLICATION_ID) {
            throw refused("is a database of something else", "a log, or no file yet");
        }
        long version = number(connection, "PRAGMA user_version");
        if (version > SqliteSchema.VERSION) {
            throw refused(
                    "has the format " + version,
                    "at most " + SqliteSchema.VERSION + "; run the newer Anabranch that wrote it");
        }
    }

    /** What can be checked without reading all of it. */
    private void requireWhole(Connection connection) throws SQLException {
        for (String table : new String[] {"meta", "channel"}) {
            String found = text(connection, "PRAGMA quick_check('" + table + "')");
            if (!found.equals("ok")) {
                throw damaged(path, found);
            }
        }
        long pages = number(connection, "PRAGMA page_count");
        long size = number(connection, "PRAGMA page_size");
        try {
            execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            if (Files.size(path) < pages * size) {
                throw damaged(
                        path,
                        Files.size(path) + " bytes of " + pages * size + ", the rest is cut off");
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    static Refusal damaged(Path path, String how) {
        return refused(path, "is damaged (" + how + ")", RESTORE);
    }

    private Refusal refused(String what, String expected) {
        return refused(path, what, expected);
    }

    static Refusal unreadable(Path path, IOException e) {
        return refused(path, "cannot be read or written: " + e, "a file of the hub's own");
    }

    /** In words, and with what to do. */
    static Refusal refusal(Path path, SQLException e) {
        String code = e instanceof SQLiteException sqlite ? sqlite.getResultCode().name() : "";
        if (code.startsWith("SQLITE_NOTADB")) {
            return refused(path, "is no SQLite database", "a log, or no file yet");
        }
        if (code.startsWith("SQLITE_CORRUPT") || code.equals("SQLITE_IOERR_SHORT_READ")) {
            return refused(path, "is damaged (" + e.getMessage() + ")", RESTORE);
        }
        if (code.startsWith("SQLITE_READONLY") || code.startsWith("SQLITE_CANTOPEN")) {
            String expected = "a file in a directory that the hub may write";
            return refused(path, "cannot be written", expected);
        }
        if (SqliteFailure.isFull(e)) {
            return new Refusal(
                    Reason.STORAGE_FULL, "log.path: no room for " + path + " (expected: some)");
        }
        return refused(path, "cannot be opened: " + e.getMessage(), "a file of the hub's own");
    }

    private static Refusal refused(Path path, String what, String expected) {
        return new Refusal(
                Reason.UNAVAILABLE,
                "log.path: " + path + " " + what + " (expected: " + expected + ")");
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }
}
