package io.anabranch.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.testing.FastDirectory;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A power failure may leave any beginning of the write-ahead log that holds all that was synced. A
 * disk that lies may leave less: then messages are missing at the end, and nowhere else.
 */
class SqliteTornWalTest {
    private static final Channel TICKER = new Channel("ticker:x");
    private static final SqliteOptions.Bounds BOUNDS =
            new SqliteOptions.Bounds(32, 4_000, 1 << 20, 1_000, 5);
    private static final int CUTS = 150;

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private final Random random = new Random(7);
    private final List<Message> durable = new ArrayList<>();

    /** How long the write-ahead log was when each of them had been acknowledged. */
    private final List<Long> synced = new ArrayList<>();

    private long newestId;

    private static SqliteLog open(Path path) {
        return SqliteLog.open(
                new SqliteOptions(path, 60_000, SqliteOptions.NO_LIMIT, BOUNDS),
                channel -> new Retention(1_000, 3_600_000, !channel.equals(TICKER)),
                System::currentTimeMillis);
    }

    private static Path wal(Path path) {
        return Path.of(path + "-wal");
    }

    @Test
    void whatWasSyncedIsThereWhateverIsCutOffBehindIt() throws Exception {
        Path path = directory.resolve("log.db");
        SqliteLog log = open(path);
        fill(log, path);
        MessageId head = log.head();
        for (int i = 0; i < CUTS; i++) {
            Path copy = directory.resolve("copy" + i + ".db");
            Files.copy(path, copy);
            Files.copy(wal(path), wal(copy));
            long length = (long) (random.nextDouble() * Files.size(wal(copy)));
            try (RandomAccessFile file = new RandomAccessFile(wal(copy).toFile(), "rw")) {
                file.setLength(length);
            }
            SqliteLog torn = open(copy);
            check(torn, head, length);
            LogRecordContract.get(torn.close());
            Files.delete(copy);
        }
        LogRecordContract.get(log.close());
    }

    private void fill(SqliteLog log, Path path) throws Exception {
        log.tail(
                message -> {
                    if (!message.channel().equals(TICKER)) {
                        durable.add(message);
                    }
                });
        for (int i = 0; i < 120; i++) {
            boolean ticks = random.nextInt(3) == 0;
            Channel channel = ticks ? TICKER : new Channel("chat:" + random.nextInt(5));
            JsonValue data = JsonValue.ofText("x".repeat(random.nextInt(2_000)));
            MessageId id =
                    LogRecordContract.append(log, new Draft(channel, "", data, "alice", "k" + i));
            newestId = id.seq();
            if (!ticks) {
                synced.add(Files.size(wal(path)));
            }
        }
        assertThat(synced).as("no checkpoint came in between").isSorted();
    }

    private void check(SqliteLog log, MessageId head, long length) throws Exception {
        assertThat(log.head().epoch()).isEqualTo(head.epoch());
        assertThat(log.head().seq()).isGreaterThanOrEqualTo(newestId);
        List<Message> left = LogRecordContract.read(log, new Cursor.Earliest(), "*").messages();
        assertThat(left).isEqualTo(durable.subList(0, left.size()));
        long promised = synced.stream().filter(end -> end <= length).count();
        assertThat((long) left.size()).isGreaterThanOrEqualTo(promised);
        for (Message message : left) {
            String name = message.channel().name();
            assertThat(LogRecordContract.read(log, new Cursor.Earliest(), name).messages())
                    .contains(message);
        }
        if (!left.isEmpty()) {
            tellsTheLossToReadersOfTheTicker(log);
        }
        MessageId next = LogRecordContract.append(log, new Channel("chat:0"), "next");
        assertThat(next.seq()).isGreaterThan(newestId);
    }

    /** Once: the reader goes on behind the gap, and the next message's prev is the gap's end. */
    private static void tellsTheLossToReadersOfTheTicker(SqliteLog log) throws Exception {
        Page page = LogRecordContract.read(log, new Cursor.Earliest(), TICKER.name());
        if (!page.gaps().isEmpty()) {
            assertThat(page.gaps()).containsExactly(new Page.Gap(TICKER, log.head()));
            assertThat(page.messages()).isEmpty();
            MessageId end = log.head();
            LogRecordContract.append(log, TICKER, "next");
            Page behind = LogRecordContract.read(log, new Cursor.After(end), TICKER.name());
            assertThat(behind.gaps()).isEmpty();
            assertThat(behind.messages()).extracting(Message::prev).containsExactly(end);
        }
    }
}
