package io.anabranch.log.sqlite;

import io.anabranch.log.Epoch;
import io.anabranch.message.Refusal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.SQLiteConfig;

/** A log's file as others than its hub use it: they look, and copy, while the hub runs. */
public final class SqliteArchive {
    private static final String CHANNELS =
            """
            WITH tail AS MATERIALIZED (
              SELECT m.channel AS id, count(*) AS messages, max(m.seq) AS head
              FROM message AS m JOIN channel AS c ON c.id = m.channel
              WHERE m.seq > (SELECT value FROM meta WHERE key = 'indexed')
                AND m.seq > c.indexed AND m.seq > c.cut
              GROUP BY m.channel)
            SELECT c.name, c.durable, max(c.head, coalesce(t.head, 0)), c.cut,
              c.count + coalesce(t.messages, 0)
            FROM channel AS c LEFT JOIN tail AS t ON t.id = c.id
            WHERE substr(c.name, 1, length(?1)) = ?1
            ORDER BY c.name
            """;

    private final Path path;

    public SqliteArchive(Path path) {
        this.path = path;
    }

    /**
     * What a log holds.
     *
     * @param head the newest message's place
     * @param bytes the file's size
     * @param walBytes the size of the write-ahead log beside it
     */
    public record Contents(
            String epoch, long head, long bytes, long walBytes, List<ChannelContents> channels) {
        public Contents {
            channels = List.copyOf(channels);
        }
    }

    /**
     * What a log holds of one channel.
     *
     * @param head the place of its newest message ever
     * @param cut all messages up to this place are gone; 0 for none
     * @param messages how many are held
     */
    public record ChannelContents(
            String name, boolean durable, long head, long cut, long messages) {}

    /**
     * The channels whose names begin with {@code prefix}, in order.
     *
     * @throws Refusal when there is no log, or none that can be read
     */
    public Contents inspect(String prefix) {
        try (Connection connection = open()) {
            List<ChannelContents> channels = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(CHANNELS)) {
                statement.setString(1, prefix);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        channels.add(
                                new ChannelContents(
                                        row.getString(1),
                                        row.getBoolean(2),
                                        row.getLong(3),
                                        row.getLong(4),
                                        row.getLong(5)));
                    }
                }
            }
            return new Contents(
                    SqliteFile.text(connection, "SELECT value FROM meta WHERE key = 'epoch'"),
                    SqliteFile.number(
                            connection,
                            "SELECT max((SELECT coalesce(max(seq), 0) FROM message),"
                                    + " (SELECT coalesce(max(head), 0) FROM channel))"),
                    size(path),
                    size(Path.of(path + "-wal")),
                    channels);
        } catch (SQLException e) {
            throw SqliteFile.refusal(path, e);
        } catch (IOException e) {
            throw SqliteFile.unreadable(path, e);
        }
    }

    /**
     * Reads all of the file and compares what belongs together: minutes for a large one. The hub
     * may run meanwhile; what it writes stays in the write-ahead log until this ends.
     *
     * @throws Refusal when there is no log, or a damaged one
     */
    public void check() {
        try (Connection connection = open()) {
            String found = SqliteFile.text(connection, "PRAGMA integrity_check(1)");
            if (!found.equals("ok")) {
                throw SqliteFile.damaged(path, found);
            }
        } catch (SQLException e) {
            throw SqliteFile.refusal(path, e);
        }
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /**
     * Writes what the log holds at one moment to a new file. The copy is a log with an epoch of its
     * own: a hub that starts from it tells its clients that what came later is lost.
     *
     * @throws Refusal when {@code copy} exists, or the log cannot be read
     */
    public void backUp(Path copy) {
        if (Files.exists(copy)) {
            throw Refusal.badValue("file", copy, "a name that nothing has yet");
        }
        Path part = Path.of(copy + ".part");
        try {
            Files.deleteIfExists(part);
            try (Connection connection = open();
                    PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
                statement.setString(1, part.toString());
                statement.execute();
            }
            giveEpoch(part);
            try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
                file.force(true);
            }
            Files.move(part, copy);
        } catch (SQLException e) {
            throw SqliteFile.refusal(path, e);
        } catch (IOException e) {
            throw SqliteFile.unreadable(copy, e);
        }
    }

    private static void giveEpoch(Path part) throws SQLException {
        try (Connection connection = new SQLiteConfig().createConnection("jdbc:sqlite:" + part);
                PreparedStatement statement =
                        connection.prepareStatement(
                                "UPDATE meta SET value = ? WHERE key = 'epoch'")) {
            statement.setString(1, Epoch.random());
            statement.executeUpdate();
        }
    }

    private Connection open() throws SQLException {
        return new SqliteFile(path).openForLooking();
    }
}
