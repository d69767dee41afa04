package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.Draft;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.log.Retention;
import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.testing.FastDirectory;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code backup} and {@code inspect} beside a log that is open. */
class LogCommandsTest {
    private static final int MESSAGES = 1_000;

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private SqliteLog log;

    @BeforeEach
    void fill() throws Exception {
        Files.writeString(
                directory.resolve("anabranch.yaml"),
                "auth: {keys: [{id: main, algorithm: HS256, secret:"
                        + " 0123456789abcdef0123456789abcdef}]}\n"
                        + "log: {path: \""
                        + directory.resolve("log.db")
                        + "\"}");
        log = open(directory.resolve("log.db"));
        List<Future<?>> appended = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            Channel channel = new Channel((i % 4 == 0 ? "ticker:" : "chat:") + i % 4);
            appended.add(log.append(new Draft(channel, "", JsonValue.ofText("x"), null, null)));
        }
        for (Future<?> one : appended) {
            get(one);
        }
    }

    @AfterEach
    void close() throws Exception {
        get(log.close());
    }

    private static SqliteLog open(Path path) {
        return SqliteLog.open(
                new SqliteOptions(
                        path,
                        60_000,
                        SqliteOptions.NO_LIMIT,
                        new SqliteOptions.Bounds(64, 8_000, 1 << 20, 100, 5)),
                channel -> new Retention(MESSAGES, 3_600_000, true),
                System::currentTimeMillis);
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private int run(String... arguments) {
        CommandLine commandLine = Main.commandLine(Map.of());
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", directory.resolve("anabranch.yaml").toString()));
        return commandLine.execute(all.toArray(String[]::new));
    }

    private static Page readAll(SqliteLog log) throws Exception {
        return get(
                log.read(
                        new Query(
                                List.of(new ChannelPattern("*")),
                                new Cursor.Earliest(),
                                Query.HEAD,
                                0,
                                2 * MESSAGES,
                                1 << 24)));
    }

    @Test
    void backsUpWhileTheHubRuns() throws Exception {
        Path copy = directory.resolve("copy.db");
        assertThat(run("backup", copy.toString())).as(err.toString()).isZero();
        SqliteLog restored = open(copy);
        Page page = readAll(restored);
        assertThat(page.messages()).extracting(m -> m.data().text()).hasSize(MESSAGES);
        assertThat(page.messages())
                .extracting(m -> m.id().seq())
                .isEqualTo(readAll(log).messages().stream().map(m -> m.id().seq()).toList());
        assertThat(restored.head().epoch()).isNotEqualTo(log.head().epoch());
        get(restored.close());
    }

    @Test
    void overwritesNothing() throws Exception {
        Path copy = Files.writeString(directory.resolve("copy.db"), "mine");
        assertThat(run("backup", copy.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("copy.db", "expected:");
        assertThat(Files.readString(copy)).isEqualTo("mine");
    }

    @Test
    void showsChannels() {
        assertThat(run("inspect")).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("epoch " + log.head().epoch() + ", head " + MESSAGES, "4 channels")
                .containsPattern("250 +997 +0 +yes +ticker:0\\R");
    }

    @Test
    void showsChannelsToPrograms() {
        assertThat(run("inspect", "--json", "--prefix", "chat:")).as(err.toString()).isZero();
        JsonObject json = new JsonObject(out.toString());
        assertThat(json.getString("epoch")).isEqualTo(log.head().epoch());
        assertThat(json.getLong("head")).isEqualTo(MESSAGES);
        assertThat(json.getLong("bytes")).isPositive();
        assertThat(json.getJsonArray("channels")).hasSize(3);
        assertThat(json.getJsonArray("channels").getJsonObject(0))
                .isEqualTo(
                        new JsonObject(
                                "{\"channel\":\"chat:1\",\"messages\":250,\"head\":998,"
                                        + "\"cut\":0,\"durable\":true}"));
    }

    @Test
    void checksALogThatIsWhole() {
        assertThat(run("inspect", "--check")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("4 channels");
    }

    /** A start looks at the small tables alone. */
    @Test
    void findsDamageAmongTheMessages() throws Exception {
        get(log.close());
        Path path = directory.resolve("log.db");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[512]), (file.size() / 4_096 - 1) * 4_096);
        }
        assertThat(run("inspect", "--check")).isEqualTo(1);
        assertThat(err.toString()).contains(path + " is damaged", "expected: restore a backup");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void tellsThatThereIsNoLog() {
        Path missing = directory.resolve("missing.db");
        assertThat(run("inspect", "--set", "log.path=" + missing)).isEqualTo(1);
        assertThat(err.toString()).contains(missing + " is not there");
        assertThat(run("inspect", "--set", "log.type=memory")).isEqualTo(1);
        assertThat(err.toString()).contains("log.type: \"memory\" has no file");
        assertThat(missing).doesNotExist();
    }
}
