package io.anabranch.log.sqlite;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What SQLite's failures mean to those who publish and read. */
final class SqliteFailure {
    private SqliteFailure() {}

    /** Whether there is no room: for the file, or for what a write needs beside it. */
    static boolean isFull(SQLException e) {
        return e instanceof SQLiteException sqlite
                && (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_FULL
                        || sqlite.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_WRITE
                        || sqlite.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE);
    }

    static Refusal ofAppend(SQLException e) {
        return isFull(e)
                ? new Refusal(
                        Reason.STORAGE_FULL,
                        "the log has no room to store it (expected: some, on the disk of log.path)")
                : new Refusal(Reason.UNAVAILABLE, "the log cannot be written");
    }

    static Refusal ofRead() {
        return new Refusal(Reason.UNAVAILABLE, "the log cannot be read");
    }

    static Refusal closed() {
        return new Refusal(Reason.UNAVAILABLE, "the log is closed (expected: to come back later)");
    }

    static Refusal busy() {
        return new Refusal(
                Reason.UNAVAILABLE, "too much waits for the log (expected: to come back later)");
    }
}
