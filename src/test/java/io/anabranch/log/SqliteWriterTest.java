package io.anabranch.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.Refusal;
import io.anabranch.testing.FastDirectory;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteWriterTest {
    @TempDir(factory = FastDirectory.class)
    private Path directory;

    /** As for want of memory. */
    @Test
    void aLogWhoseWriterHasEndedTakesNothingAndIsNotReady() throws Exception {
        SqliteLog log = open();
        append(log, "good:a");
        assertThat(log.notReady()).isEmpty();

        assertThatThrownBy(() -> append(log, "bad:a"))
                .hasCauseInstanceOf(NoClassDefFoundError.class);
        Awaitility.await().until(() -> log.notReady().isPresent());
        assertThat(log.notReady().get()).contains("NoClassDefFoundError: Lost", "restart");
        assertThatThrownBy(() -> append(log, "good:a")).isInstanceOf(Refusal.class);
        LogRecordContract.get(log.close());

        SqliteLog again = open();
        assertThat(append(again, "good:a").isEmpty()).isFalse();
        LogRecordContract.get(again.close());
    }

    private SqliteLog open() {
        SqliteOptions options =
                new SqliteOptions(
                        directory.resolve("anabranch.db"),
                        60_000,
                        SqliteOptions.NO_LIMIT,
                        new SqliteOptions.Bounds(64, 8_000, 1 << 20, 100, 5));
        return SqliteLog.open(options, SqliteWriterTest::retention, System::currentTimeMillis);
    }

    private static Retention retention(Channel channel) {
        if (channel.name().startsWith("bad:")) {
            throw new NoClassDefFoundError("Lost");
        }
        return new Retention(1_000, 3_600_000, true);
    }

    private static String append(SqliteLog log, String channel) throws Exception {
        Draft draft = LogRecordContract.draft(new Channel(channel), "alice", null);
        return LogRecordContract.get(log.append(draft)).id().toString();
    }
}
