package io.anabranch.log;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.testing.FastDirectory;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The system's clock is set while a log is open: what it keeps for a while it keeps that long. */
class ClockStepTest {
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long KEPT = 30 * MINUTE;
    private static final Channel CHANNEL = new Channel("chat:a");

    private final AtomicLong wall = new AtomicLong(1_795_223_640_000L);
    private final AtomicLong elapsed = new AtomicLong(5_000);
    private final LogClock clock = LogClock.of(wall::get, elapsed::get);

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    @ParameterizedTest
    @CsvSource({"memory, 1", "memory, -1", "sqlite, 1", "sqlite, -1"})
    void windowsLastAsLongAsTheyShould(String engine, int hours) throws Exception {
        try (Opened opened = open(engine)) {
            Log log = opened.log();
            Appended first = append(log, "first");
            pass(MINUTE);
            wall.addAndGet(hours * HOUR);
            opened.expire();
            assertThat(append(log, "first")).isEqualTo(new Appended(first.id(), true));
            pass(20 * MINUTE);
            Appended second = append(log, "second");
            opened.expire();
            assertThat(messages(log))
                    .extracting(Message::id)
                    .containsExactly(first.id(), second.id());
            assertThat(messages(log).get(1).time()).isEqualTo(wall.get());
            assertThat(append(log, "first").repeated()).as("after the window").isFalse();

            pass(10 * MINUTE);
            opened.expire();
            assertThat(messages(log))
                    .hasSize(2)
                    .first()
                    .extracting(Message::id)
                    .isEqualTo(second.id());
            pass(KEPT);
            opened.expire();
            assertThat(messages(log)).isEmpty();
        }
    }

    private void pass(long ms) {
        wall.addAndGet(ms);
        elapsed.addAndGet(ms);
    }

    private record Opened(Log log, Runnable expiring) implements AutoCloseable {
        void expire() {
            expiring.run();
        }

        @Override
        public void close() throws Exception {
            get(log.close());
        }
    }

    private Opened open(String engine) {
        Function<Channel, Retention> retention = channel -> new Retention(100, KEPT, true);
        if (engine.equals("memory")) {
            MemoryLog log = new MemoryLog(retention, 2 * MINUTE, clock);
            return new Opened(log, log::expire);
        }
        SqliteOptions options =
                new SqliteOptions(
                        directory.resolve("log.db"),
                        2 * MINUTE,
                        SqliteOptions.NO_LIMIT,
                        SqliteOptions.Bounds.standard());
        SqliteLog log = SqliteLog.open(options, retention, clock);
        return new Opened(log, () -> get(log.expire()));
    }

    private static Appended append(Log log, String dedup) {
        return get(
                log.append(new Draft(CHANNEL, "message", JsonValue.ofText("x"), "alice", dedup)));
    }

    private static List<Message> messages(Log log) {
        Query all =
                new Query(
                        List.of(ChannelPattern.of(CHANNEL)),
                        new Cursor.Earliest(),
                        Query.HEAD,
                        0,
                        100,
                        1 << 20);
        return get(log.read(all)).messages();
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
