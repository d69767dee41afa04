package io.anabranch.log;

import static io.anabranch.log.LogRecordContract.get;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.testing.FastDirectory;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However much there is to do beside appending, it is done in steps of few rows, one at a time. */
class SqliteStepsTest {
    private static final int MANY = 40_000;
    private static final int CHANNELS = 20;
    private static final int KEPT = 200;
    private static final int TAIL_ENTRIES = 2_000;
    private static final long WINDOW_MS = 60_000;
    private static final long DAY_MS = 86_400_000;
    private static final int MOST_ROWS = 1_024;

    private final AtomicLong clock = new AtomicLong(1_795_223_640_000L);

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private SqliteLog open(int kept) {
        return SqliteLog.open(
                new SqliteOptions(
                        directory.resolve("log.db"),
                        WINDOW_MS,
                        SqliteOptions.NO_LIMIT,
                        new SqliteOptions.Bounds(TAIL_ENTRIES, 8_000, 1 << 20, 1_000, 5)),
                channel -> new Retention(kept, DAY_MS, true),
                clock::get);
    }

    private static List<Future<Appended>> appendMany(SqliteLog log) {
        List<Future<Appended>> appended = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Channel channel = new Channel("chat:" + i % CHANNELS);
            JsonValue data = JsonValue.ofText("x");
            appended.add(log.append(new Draft(channel, "", data, null, "key" + i)));
        }
        return appended;
    }

    /** Most of it is in the table of places then. */
    private void fill() throws Exception {
        SqliteLog log = open(MANY);
        get(Future.all(appendMany(log)));
        awaitRows("channel_index", MANY - TAIL_ENTRIES, MANY);
        get(log.close());
        clock.addAndGet(2 * WINDOW_MS);
    }

    private void awaitRows(String table, int atLeast, int atMost) {
        Awaitility.await()
                .atMost(30, SECONDS)
                .until(() -> count(table), rows -> rows >= atLeast && rows <= atMost);
    }

    private int count(String table) throws Exception {
        String url = "jdbc:sqlite:" + directory.resolve("log.db");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Recording record() {
        Recording recording = new Recording();
        recording.enable("anabranch.LogStep").withoutThreshold();
        recording.start();
        return recording;
    }

    /** The steps of the writer, in order. */
    private List<RecordedEvent> steps(Recording recording) throws IOException {
        recording.stop();
        Path file = directory.resolve("steps.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(step -> step.getThread().getJavaName().equals("anabranch-log"))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
    }

    private static Stream<Long> amounts(List<RecordedEvent> steps, String kind) {
        return steps.stream()
                .filter(step -> step.getString("kind").equals(kind))
                .map(step -> step.getLong("amount"));
    }

    @Test
    void aNewLimitIsKeptInStepsOfFewRows() throws Exception {
        fill();
        try (Recording recording = record()) {
            SqliteLog limited = open(KEPT);
            awaitRows("message", CHANNELS * KEPT, CHANNELS * KEPT);
            awaitRows("dedup", 0, 0);
            awaitRows("channel_index", 0, CHANNELS * KEPT * 9 / 8);
            get(limited.close());
            List<RecordedEvent> steps = steps(recording);
            for (String kind : List.of("RETENTION", "SWEEP", "DEDUP")) {
                assertThat(amounts(steps, kind).mapToLong(rows -> rows).sum())
                        .as("rows of %s in all", kind)
                        .isGreaterThanOrEqualTo(MANY - CHANNELS * KEPT);
                assertThat(amounts(steps, kind))
                        .as("rows of a step of %s", kind)
                        .allSatisfy(rows -> assertThat(rows).isLessThanOrEqualTo(MOST_ROWS));
            }
        }
    }

    @Test
    void whileAppendsWaitThereIsOneStepBetweenCommits() throws Exception {
        fill();
        try (Recording recording = record()) {
            SqliteLog log = open(KEPT);
            CountDownLatch allWait = new CountDownLatch(1);
            log.tail(message -> await(allWait));
            List<Future<Appended>> appended = appendMany(log);
            allWait.countDown();
            get(Future.all(appended));
            get(log.close());
            List<String> kinds =
                    steps(recording).stream().map(step -> step.getString("kind")).toList();
            List<String> underLoad =
                    kinds.subList(kinds.indexOf("COMMIT"), kinds.lastIndexOf("COMMIT") + 1);
            assertThat(underLoad).contains("INDEX");
            for (int i = 1; i < underLoad.size(); i++) {
                assertThat(underLoad.subList(i - 1, i + 1)).as("%s", underLoad).contains("COMMIT");
            }
        }
    }
}
