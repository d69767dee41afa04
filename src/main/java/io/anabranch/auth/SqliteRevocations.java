package io.anabranch.auth;

import io.anabranch.auth.Revocation.Claim;
import io.anabranch.auth.Revocation.Target;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sqlite.SQLiteConfig;

/**
 * Revocations in a SQLite file of their own: the log's may be moved away, and they must not go with
 * it. They change rarely, so each change opens the file and closes it again.
 */
public final class SqliteRevocations implements RevocationStore {
    private static final int BUSY_MS = 10_000;
    private static final String CREATE =
            "CREATE TABLE IF NOT EXISTS revocation (claim TEXT NOT NULL, value TEXT NOT NULL,"
                    + " issued_before INTEGER NOT NULL, since INTEGER NOT NULL,"
                    + " until INTEGER NOT NULL, PRIMARY KEY (claim, value)) WITHOUT ROWID";

    private final Path path;

    /** One thread, for one change after the other. */
    private final WorkerExecutor worker;

    /**
     * @param path made by the first change, where it is not there
     */
    public SqliteRevocations(Vertx vertx, Path path) {
        this.path = path;
        this.worker = vertx.createSharedWorkerExecutor("anabranch-revocations-" + path, 1);
    }

    @Override
    public Future<List<Revocation>> load() {
        return run(
                connection -> {
                    List<Revocation> all = new ArrayList<>();
                    try (Statement statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SELECT claim, value, issued_before, since, until"
                                                    + " FROM revocation")) {
                        while (row.next()) {
                            all.add(revocation(row));
                        }
                    }
                    return all;
                });
    }

    private static Revocation revocation(ResultSet row) throws SQLException {
        Claim claim = Claim.valueOf(row.getString(1).toUpperCase(Locale.ROOT));
        return new Revocation(
                new Target(claim, row.getString(2)),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5));
    }

    @Override
    public Future<Void> put(Revocation revocation) {
        return change(
                "REPLACE INTO revocation VALUES (?, ?, ?, ?, ?)",
                revocation.target().claim().label(),
                revocation.target().value(),
                revocation.issuedBeforeMs(),
                revocation.sinceMs(),
                revocation.untilMs());
    }

    @Override
    public Future<Void> remove(Target target) {
        return change(
                "DELETE FROM revocation WHERE claim = ? AND value = ?",
                target.claim().label(),
                target.value());
    }

    @Override
    public Future<Void> removeEnded(long now) {
        return change("DELETE FROM revocation WHERE until <= ?", now);
    }

    private Future<Void> change(String sql, Object... values) {
        return run(connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        for (int i = 0; i < values.length; i++) {
                            statement.setObject(i + 1, values[i]);
                        }
                        return statement.executeUpdate();
                    }
                })
                .mapEmpty();
    }

    private <T> Future<T> run(Work<T> work) {
        return worker.executeBlocking(
                () -> {
                    try (Connection connection = open()) {
                        return work.on(connection);
                    } catch (SQLException | IOException | IllegalArgumentException e) {
                        throw refusal(e);
                    }
                },
                false);
    }

    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private Connection open() throws SQLException, IOException {
        Path directory = path.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MS);
        Connection connection = config.createConnection("jdbc:sqlite:" + path);
        try (Statement statement = connection.createStatement()) {
            // As FULL, and the journal's removal is on stable storage too.
            statement.execute("PRAGMA synchronous = EXTRA");
            statement.execute(CREATE);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private Refusal refusal(Exception e) {
        return new Refusal(
                Reason.UNAVAILABLE,
                "revocations: "
                        + path
                        + " cannot be read or written: "
                        + e.getMessage()
                        + " (expected: a file that the hub may write; without it, what was revoked"
                        + " is good again)");
    }
}
