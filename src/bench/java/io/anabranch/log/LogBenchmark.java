package io.anabranch.log;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a message costs to append, a thousand under way at a time, and to read in pages of a
 * hundred. Channels are durable; the file is in {@code target}, on its disk.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class LogBenchmark {
    private static final int BATCH = 1_000;
    private static final int PAGE = 100;
    private static final int CHANNELS = 100;
    private static final int KEPT = 1_000;
    private static final long DEDUP_WINDOW_MS = 120_000;

    @Param({"memory", "sqlite"})
    String engine;

    private final List<Channel> channels =
            IntStream.range(0, CHANNELS).mapToObj(i -> new Channel("chat:" + i)).toList();
    private final JsonValue data = JsonValue.ofText("x".repeat(198));
    private Path directory;
    private Log log;
    private int next;

    @Setup
    public void open() throws IOException {
        directory = Files.createTempDirectory(Path.of("target"), "log-benchmark");
        Function<Channel, Retention> retention =
                channel -> new Retention(KEPT, TimeUnit.DAYS.toMillis(1), true);
        log =
                engine.equals("memory")
                        ? new MemoryLog(retention, DEDUP_WINDOW_MS, System::currentTimeMillis)
                        : SqliteLog.open(
                                new SqliteOptions(
                                        directory.resolve("log.db"),
                                        DEDUP_WINDOW_MS,
                                        SqliteOptions.NO_LIMIT,
                                        SqliteOptions.Bounds.standard()),
                                retention,
                                System::currentTimeMillis);
        log.tail(message -> {});
        for (int i = 0; i < CHANNELS; i++) {
            append();
        }
    }

    @TearDown
    public void close() throws IOException {
        log.close().await();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void append() {
        List<Future<Appended>> underWay = new ArrayList<>(BATCH);
        for (int i = 0; i < BATCH; i++) {
            Channel channel = channels.get(next++ % CHANNELS);
            underWay.add(log.append(new Draft(channel, EventName.DEFAULT, data, null, null)));
        }
        Future.all(underWay).await();
    }

    @Benchmark
    @OperationsPerInvocation(PAGE)
    public Page read() {
        Channel channel = channels.get(next++ % CHANNELS);
        List<ChannelPattern> patterns = List.of(ChannelPattern.of(channel));
        return log.read(
                        new Query(
                                patterns,
                                new Cursor.Earliest(),
                                Query.HEAD,
                                0,
                                PAGE,
                                Integer.MAX_VALUE))
                .await();
    }
}
