package io.anabranch.log;

import static io.anabranch.log.LogRecordContract.get;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.SmallDisk;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is committed goes from the write-ahead log to the file, which begins it anew. */
class SqliteCheckpointTest {
    private static final Channel CHAT = new Channel("chat:a");
    private static final int MIB = 1 << 20;
    private static final int KIB_EACH = 60;
    private static final int SEQUENCE_IN_HEADER = 12;

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private static SqliteLog open(Path path, int kept) {
        return SqliteLog.open(
                new SqliteOptions(
                        path,
                        60_000,
                        SqliteOptions.NO_LIMIT,
                        new SqliteOptions.Bounds(64, 8_000, MIB, 1_000, 5)),
                channel -> new Retention(kept, 3_600_000, true),
                System::currentTimeMillis);
    }

    private static Draft draft(int kib) {
        return new Draft(CHAT, "", JsonValue.ofText("x".repeat(kib << 10)), null, null);
    }

    private static void appendMiB(SqliteLog log, int mib) throws Exception {
        List<Future<Appended>> appends = new ArrayList<>();
        for (int kib = 0; kib < mib << 10; kib += KIB_EACH) {
            appends.add(log.append(draft(KIB_EACH)));
        }
        get(Future.all(appends));
    }

    private static Path wal(Path path) {
        return Path.of(path + "-wal");
    }

    /** How often the write-ahead log has been begun anew. */
    private static int sequence(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(wal(path).toFile(), "r")) {
            file.seek(SEQUENCE_IN_HEADER);
            return file.readInt();
        }
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(30, SECONDS);
    }

    @Test
    void theWriteAheadLogStaysSmall() throws Exception {
        Path path = directory.resolve("log.db");
        SqliteLog log = open(path, 100_000);
        for (int mib = 20; mib <= 200; mib += 20) {
            appendMiB(log, 20);
            long enough = (mib - 8L) * MIB;
            await().until(() -> Files.size(path) >= enough);
        }
        assertThat(Files.size(wal(path))).isLessThanOrEqualTo(64 * MIB);
        get(log.close());
    }

    @Test
    void whoReadsAnOldStateHoldsItUpAndNoLonger() throws Exception {
        Path path = directory.resolve("log.db");
        SqliteLog log = open(path, 100_000);
        MessageId first = LogRecordContract.append(log, draft(1));
        try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = reader.createStatement()) {
            statement.execute("BEGIN");
            statement.executeQuery("SELECT count(*) FROM message").close();
            appendMiB(log, 80);
            assertThat(Files.size(wal(path))).isGreaterThan(80 * MIB);
            int held = sequence(path);
            statement.execute("COMMIT");
            await().until(
                            () -> {
                                LogRecordContract.append(log, draft(1));
                                return sequence(path) > held;
                            });
        }
        await().until(() -> Files.size(path) > 80 * MIB);
        LogRecordContract.append(log, draft(1));
        assertThat(Files.size(wal(path))).isLessThanOrEqualTo(64 * MIB);
        assertThat(LogRecordContract.read(log, new Cursor.Earliest(), "*").messages().get(0).id())
                .isEqualTo(first);
        get(log.close());
    }

    @Test
    void aCleanCloseLeavesAFileThatIsWholeByItself() throws Exception {
        Path path = directory.resolve("log.db");
        Path copy = directory.resolve("copy.db");
        SqliteLog log = open(path, 100_000);
        MessageId id = LogRecordContract.append(log, draft(1));
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = other.createStatement()) {
            statement.executeQuery("SELECT count(*) FROM message").close();
            get(log.close());
            assertThat(wal(path)).isEmptyFile();
            Files.copy(path, copy);
        }
        SqliteLog copied = open(copy, 100_000);
        assertThat(copied.head()).isEqualTo(id);
        assertThat(LogRecordContract.read(copied, new Cursor.Earliest(), "*").messages())
                .extracting(Message::id)
                .containsExactly(id);
        get(copied.close());
    }

    /** Where the file need not grow, what is in the write-ahead log makes room for what comes. */
    @Test
    void aFullDiskHealsByACheckpoint() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(4_096)) {
            Path path = disk.directory().resolve("log.db");
            SqliteLog log = open(path, 100_000);
            appendMiB(log, 1);
            get(log.close());
            // Most of the file is free from now on.
            SqliteLog full = open(path, 3);
            LogRecordContract.append(full, draft(1));
            get(full.expire());
            get(full.close());
            SqliteLog again = open(path, 3);
            fillUp(disk);
            for (int i = 0; i < 40; i++) {
                await().ignoreExceptionsInstanceOf(Refusal.class)
                        .until(() -> LogRecordContract.append(again, draft(20)) != null);
            }
            get(again.close());
        }
    }

    private static void fillUp(SmallDisk disk) throws IOException {
        long room = Files.getFileStore(disk.directory()).getUsableSpace();
        Files.write(disk.directory().resolve("other"), new byte[(int) room - 400 * 1_024]);
    }
}
