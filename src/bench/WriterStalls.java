import io.anabranch.log.Draft;
import io.anabranch.log.Query;
import io.anabranch.log.Retention;
import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;

/**
 * What keeps the log's writer from committing, and for how long: floods a log with 200-byte durable
 * messages on 1,000 channels that keep 300 each, so that retention and index are at work all the
 * time, and prints the times of each kind of step, how much of them was work (the CPU's time), and
 * how long commits had to wait for something else.
 *
 * <p>{@code java -cp target/anabranch.jar src/bench/WriterStalls.java DIRECTORY [SECONDS RATE
 * READERS]}: SECONDS (20) at RATE messages/s (0: as many as go) beside READERS (0) that read from
 * the disk without a pause. The directory is to be an empty one on the disk in question. Its output
 * is for people, on standard output.
 */
public final class WriterStalls {
    private static final int CHANNELS = 1_000;
    private static final int KEPT = 300;
    private static final int IN_FLIGHT = 8_192;
    private static final long HOT_BYTES = 8 << 20;
    private static final Set<String> HOUSEKEEPING =
            Set.of("DEDUP", "RETENTION", "SIZE_LIMIT", "SWEEP", "INDEX");
    private static final Set<String> BESIDE_THE_WRITER = Set.of("COPY", "SYNC");
    private static final long NO_END = Long.MAX_VALUE >> 1;
    private static final JsonValue DATA = JsonValue.ofText("x".repeat(200 - 2));

    private final Path path;
    private final long seconds;
    private final long rate;
    private final int readers;
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong pages = new AtomicLong();
    private final Map<String, List<Double>> times = new TreeMap<>();
    private final Map<String, List<Double>> cpu = new TreeMap<>();
    private final Map<String, List<Double>> amounts = new TreeMap<>();
    private final Map<String, List<Double>> commits = new TreeMap<>();

    /** Between two commits: what of it was housekeeping. */
    private final List<Double> housekeeping = new ArrayList<>();

    private double housekeepingMs;
    private String lastOfWriter = "";
    private volatile boolean measures;
    private volatile boolean ends;
    private long largestWal;

    private WriterStalls(String[] args) {
        path = Path.of(args[0]).resolve("stalls.db");
        seconds = args.length > 1 ? Long.parseLong(args[1]) : 20;
        rate = args.length > 2 ? Long.parseLong(args[2]) : 0;
        readers = args.length > 3 ? Integer.parseInt(args[3]) : 0;
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 0 || Files.exists(Path.of(args[0]).resolve("stalls.db"))) {
            System.err.println(
                    "usage: java -cp target/anabranch.jar src/bench/WriterStalls.java"
                            + " EMPTY_DIRECTORY [SECONDS RATE READERS]");
            System.exit(2);
        }
        new WriterStalls(args).run();
    }

    private void run() throws Exception {
        SqliteLog log =
                SqliteLog.open(
                        new SqliteOptions(
                                path,
                                TimeUnit.MINUTES.toMillis(2),
                                SqliteOptions.NO_LIMIT,
                                bounds()),
                        channel -> new Retention(KEPT, TimeUnit.HOURS.toMillis(1), true),
                        System::currentTimeMillis);
        try (RecordingStream steps = new RecordingStream()) {
            steps.enable("anabranch.LogStep").withoutThreshold();
            steps.onEvent("anabranch.LogStep", this::add);
            steps.startAsync();
            List<Thread> threads = start(log);
            watch(NO_END, () -> acknowledged.get() > 2 * KEPT * CHANNELS);
            measures = true;
            pages.set(0);
            largestWal = 0;
            long before = acknowledged.get();
            long start = System.nanoTime();
            watch(TimeUnit.SECONDS.toNanos(seconds), () -> refused.get() > 0);
            double s = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "%.0f messages/s, %d refused, %.0f pages/s; file %.1f MiB, write-ahead log up to"
                            + " %.1f MiB%n",
                    (acknowledged.get() - before) / s,
                    refused.get(),
                    pages.get() / s,
                    Files.size(path) / 1048576.0,
                    largestWal / 1048576.0);
            ends = true;
            for (Thread thread : threads) {
                thread.join();
            }
            inFlight.acquire(IN_FLIGHT);
            // The recorder hands on what it has once a second.
            TimeUnit.SECONDS.sleep(2);
        }
        long closing = System.nanoTime();
        log.close().toCompletionStage().toCompletableFuture().get();
        print();
        System.out.printf(Locale.ROOT, "closed in %.0f ms%n", (System.nanoTime() - closing) / 1e6);
    }

    private List<Thread> start(SqliteLog log) {
        List<Thread> threads = new ArrayList<>();
        threads.add(new Thread(() -> flood(log), "flood"));
        for (int i = 0; i < readers; i++) {
            int first = i;
            threads.add(new Thread(() -> read(log, first), "reader"));
        }
        threads.forEach(Thread::start);
        return threads;
    }

    /** Notes how large the write-ahead log is, until the time is over. */
    private void watch(long howLong, BooleanSupplier stop) throws Exception {
        long start = System.nanoTime();
        while (System.nanoTime() - start < howLong && !stop.getAsBoolean()) {
            Path wal = Path.of(path + "-wal");
            largestWal = Math.max(largestWal, Files.exists(wal) ? Files.size(wal) : 0);
            // A file's size can only be looked at again: often enough to see its largest.
            Thread.sleep(20);
        }
    }

    private void flood(SqliteLog log) {
        long next = System.nanoTime();
        for (long i = 0; !ends; i++) {
            next = rate > 0 && measures ? next + 1_000_000_000 / rate : System.nanoTime();
            while (next - System.nanoTime() > 0) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
            inFlight.acquireUninterruptibly();
            Channel channel = new Channel("bench:" + i * 7 % CHANNELS);
            log.append(new Draft(channel, "message", DATA, null, null))
                    .onComplete(
                            result -> {
                                (result.succeeded() ? acknowledged : refused).incrementAndGet();
                                inFlight.release();
                            });
        }
    }

    /** Reads one channel after the other from its oldest message. */
    private void read(SqliteLog log, int first) {
        for (int i = first; !ends; i += 3) {
            ChannelPattern pattern = new ChannelPattern("bench:" + i % CHANNELS);
            Query query =
                    new Query(
                            List.of(pattern), new Cursor.Earliest(), Query.HEAD, 0, KEPT, 1 << 20);
            log.read(query).toCompletionStage().toCompletableFuture().join();
            pages.incrementAndGet();
        }
    }

    private static SqliteOptions.Bounds bounds() {
        SqliteOptions.Bounds hub = SqliteOptions.Bounds.standard();
        return new SqliteOptions.Bounds(
                hub.tailEntries(),
                HOT_BYTES,
                hub.unwrittenBytes(),
                hub.reservedIds(),
                hub.writeBehindMs());
    }

    private void add(RecordedEvent step) {
        if (!measures) {
            return;
        }
        String kind = step.getString("kind");
        double ms = step.getDuration().toNanos() / 1e6;
        add(times, kind, ms);
        add(cpu, kind, step.getDuration("cpu").toNanos() / 1e6);
        add(amounts, kind, step.getLong("amount"));
        if (kind.equals("COMMIT")) {
            String after = lastOfWriter.equals("COMMIT") ? "a commit" : "something else";
            add(commits, "COMMIT after " + after, ms);
            housekeeping.add(housekeepingMs);
            housekeepingMs = 0;
        } else if (HOUSEKEEPING.contains(kind)) {
            housekeepingMs += ms;
        }
        if (!BESIDE_THE_WRITER.contains(kind)) {
            lastOfWriter = kind;
        }
    }

    private static void add(Map<String, List<Double>> all, String kind, double value) {
        all.computeIfAbsent(kind, key -> new ArrayList<>()).add(value);
    }

    private void print() {
        times.forEach((kind, ms) -> print(kind + ", ms", ms));
        cpu.forEach((kind, ms) -> print(kind + ", ms of CPU", ms));
        amounts.forEach((kind, amount) -> print(kind + ", amount", amount));
        commits.forEach((kind, ms) -> print(kind + ", ms", ms));
        print("housekeeping before a commit, ms", housekeeping);
    }

    private static void print(String what, List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%-32s %7d times, %9.0f in all; p50 %7.2f, p99 %7.2f, p99.9 %7.2f, at most %7.2f;"
                        + " %d over 50%n",
                what,
                sorted.length,
                Arrays.stream(sorted).sum(),
                sorted[sorted.length / 2],
                sorted[(int) (sorted.length * 0.99)],
                sorted[(int) (sorted.length * 0.999)],
                sorted[sorted.length - 1],
                Arrays.stream(sorted).filter(one -> one > 50).count());
    }
}
