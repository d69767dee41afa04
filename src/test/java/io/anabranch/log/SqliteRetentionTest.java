package io.anabranch.log;

import static io.anabranch.log.LogRecordContract.extent;
import static io.anabranch.log.LogRecordContract.get;
import static io.anabranch.log.LogRecordContract.read;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.testing.FastDirectory;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retention as it happens in the background, and what becomes of the file. */
class SqliteRetentionTest {
    private static final long MIB = 1 << 20;
    private static final JsonValue DATA = JsonValue.ofText("x".repeat(1_000));

    private final AtomicLong clock = new AtomicLong(1_795_223_640_000L);

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private SqliteLog log;

    private void open(int messages, long ageMs, long maxBytes) {
        log =
                SqliteLog.open(
                        new SqliteOptions(
                                path(),
                                60_000,
                                maxBytes,
                                new SqliteOptions.Bounds(512, 8_000, MIB, 1_000, 5)),
                        channel -> new Retention(messages, ageMs, true),
                        clock::get);
    }

    private Path path() {
        return directory.resolve("log.db");
    }

    @AfterEach
    void close() throws Exception {
        get(log.close());
    }

    private void append(int howMany) throws Exception {
        List<Future<Appended>> appended = new ArrayList<>();
        for (int i = 0; i < howMany; i++) {
            Channel channel = new Channel("chat:" + i % 10);
            appended.add(log.append(new Draft(channel, "", DATA, null, null)));
        }
        for (Future<Appended> one : appended) {
            get(one);
        }
    }

    private void awaitMessages(long howMany) {
        Awaitility.await()
                .atMost(20, SECONDS)
                .until(() -> extent(log, new Cursor.Earliest(), "*").messages() == howMany);
    }

    @Test
    void keepsTheNewestWithoutBeingAsked() throws Exception {
        open(20, 3_600_000, SqliteOptions.NO_LIMIT);
        append(5_000);
        awaitMessages(200);
        assertThat(read(log, new Cursor.Earliest(), "*").gaps()).hasSize(10);
    }

    @Test
    void removesTheOldWithoutBeingAsked() throws Exception {
        open(10_000, 1_000, SqliteOptions.NO_LIMIT);
        append(3_000);
        clock.addAndGet(2_000);
        append(10);
        awaitMessages(10);
    }

    @Test
    void usesTheFilesSpaceAgain() throws Exception {
        open(20, 3_600_000, SqliteOptions.NO_LIMIT);
        append(3_000);
        awaitMessages(200);
        for (int i = 0; i < 5; i++) {
            append(3_000);
            awaitMessages(200);
        }
        get(log.close());
        assertThat(Files.size(path())).isLessThan(12 * MIB);
        open(20, 3_600_000, SqliteOptions.NO_LIMIT);
    }

    @Test
    void letsTheOldestOfAllChannelsGoAtTheSizeLimit() throws Exception {
        open(100_000, 3_600_000, 4 * MIB);
        LogRecordContract.append(log, new Channel("quiet:a"), "1");
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 10; i++) {
                append(1_000);
            }
            Awaitility.await()
                    .atMost(20, SECONDS)
                    .until(() -> extent(log, new Cursor.Earliest(), "*").messages() < 4_000);
        }
        Channel quiet = new Channel("quiet:a");
        Page page = read(log, new Cursor.Earliest(), "quiet:a");
        assertThat(page.gaps()).containsExactly(new Page.Gap(quiet, log.head().at(1)));
        List<Message> newest = read(log, new Cursor.After(log.head().at(39_500)), "*").messages();
        assertThat(newest).extracting(m -> m.id().seq()).hasSize(501).isSorted();
        get(log.close());
        // 50 MiB in four bursts: the limit, and one burst that the background had not come to yet.
        assertThat(Files.size(path())).isLessThan(20 * MIB);
        open(100_000, 3_600_000, 4 * MIB);
        assertThat(read(log, new Cursor.Earliest(), "quiet:a").gaps()).hasSize(1);
        assertThat(extent(log, new Cursor.Earliest(), "*").messages()).isBetween(2_500L, 4_000L);
    }
}
