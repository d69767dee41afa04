package io.anabranch.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.Refusal;
import io.anabranch.testing.FastDirectory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is not the log's own, or not whole, is refused in words and left as it is. */
class SqliteFileTest {
    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private Path path;

    @BeforeEach
    void nameFile() {
        path = directory.resolve("anabranch.db");
    }

    private SqliteLog open() {
        return open(path);
    }

    private static SqliteLog open(Path path) {
        SqliteOptions options =
                new SqliteOptions(
                        path,
                        60_000,
                        SqliteOptions.NO_LIMIT,
                        new SqliteOptions.Bounds(64, 8_000, 1 << 20, 100, 5));
        return SqliteLog.open(
                options,
                channel -> new Retention(1_000, 3_600_000, true),
                System::currentTimeMillis);
    }

    private void fill() throws Exception {
        SqliteLog log = open();
        for (int i = 0; i < 500; i++) {
            log.append(LogRecordContract.draft(new Channel("a:" + i % 50), "alice", "k" + i));
        }
        LogRecordContract.get(log.close());
    }

    private void execute(String sql) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void assertRefused(String... words) throws Exception {
        byte[] before = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
        assertThatThrownBy(this::open)
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining("expected:")
                .hasMessageContainingAll(words);
        byte[] after = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
        assertThat(after).as("left as it was").isEqualTo(before);
    }

    @Test
    void secondHubIsRefusedWithThePidOfTheFirst() throws Exception {
        SqliteLog first = open();
        assertRefused("in use by the hub with pid " + ProcessHandle.current().pid());
        LogRecordContract.get(first.close());
        LogRecordContract.get(open().close());
    }

    @Test
    void refusesWhatIsNoDatabase() throws Exception {
        Files.writeString(path, "These are the minutes of the last meeting.\n".repeat(100));
        assertRefused("no SQLite database");
    }

    @Test
    void refusesADatabaseOfSomethingElse() throws Exception {
        execute("CREATE TABLE minutes (text)");
        assertRefused("something else");
    }

    @Test
    void refusesTheFormatOfANewerVersion() throws Exception {
        fill();
        execute("PRAGMA user_version = 99");
        assertRefused("99", "newer");
    }

    @Test
    void refusesAFileThatIsCutOff() throws Exception {
        fill();
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            file.truncate(file.size() / 2 / 4096 * 4096);
        }
        assertRefused("damaged", "backup");
    }

    @Test
    void refusesAFileWhoseChannelsAreDamaged() throws Exception {
        fill();
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            for (int page = 1; page < 6; page++) {
                file.write(ByteBuffer.wrap(new byte[512]), page * 4096L);
            }
        }
        assertRefused("damaged", "backup");
    }

    @Test
    void refusesToBeginAnewBesideTheRestOfALog() throws Exception {
        Files.write(Path.of(path + "-wal"), new byte[5_000]);
        assertRefused("-wal", "backup");
    }

    @Test
    void refusesADirectoryThatCannotBeWritten() {
        assertThatThrownBy(() -> open(Path.of("/proc/anabranch/anabranch.db")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("/proc/anabranch/anabranch.db cannot be written")
                .hasMessageContaining("expected: a file in a directory that the hub may write");
    }

    @Test
    void refusesAPathThroughAFile() throws Exception {
        Files.writeString(path, "x");
        assertThatThrownBy(() -> open(path.resolve("anabranch.db")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("cannot be written");
    }

    @Test
    void showsReadableRows() throws Exception {
        fill();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT * FROM messages ORDER BY id LIMIT 1")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString("id")).matches("[a-z0-9]{6}-1");
            assertThat(row.getString("channel")).isEqualTo("a:0");
            assertThat(row.getString("event")).isEqualTo("message");
            assertThat(row.getString("user")).isEqualTo("alice");
            assertThat(row.getString("time")).matches("20..-..-..T..:..:..\\....Z");
            assertThat(row.getString("data")).isEqualTo("\"x\"");
        }
    }
}
