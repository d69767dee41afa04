package io.anabranch.cli;

import io.anabranch.auth.Grants;
import io.anabranch.bench.Bench;
import io.anabranch.bench.BenchException;
import io.anabranch.bench.HtmlReport;
import io.anabranch.bench.JsonReport;
import io.anabranch.bench.Progress;
import io.anabranch.bench.PublishMode;
import io.anabranch.bench.Report;
import io.anabranch.bench.Settings;
import io.anabranch.bench.Target;
import io.anabranch.bench.TextReport;
import io.anabranch.bench.TransportMix;
import io.anabranch.config.Units;
import io.anabranch.message.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code bench}: load on a hub, and what became of it. */
@Command(
        name = "bench",
        description = {
            "Put load on a hub that runs: connections that read, publishers on a schedule.",
            "Each message is checked: order, gaps, repeats. Latency counts from the time that a"
                    + " message was due, so a hub that stalls is charged for all that had to wait."
                    + " Ends early with Ctrl-C, and reports what was measured.",
            "All connections are one user's: start the hub with higher"
                    + " limits.connectionsPerUser and limits.publishPerSecond.",
            "Exit code 1 when anything was lost, repeated, out of order or cut off."
        },
        footer = {
            "  java -jar anabranch.jar bench --connections 1000 --rate 50",
            "  java -jar anabranch.jar bench -c 5000 --transport websocket=70,sse=30 \\",
            "    --channels 100 --rate 2000 --publishers 4 --publish ndjson --report bench.html",
            "  java -jar anabranch.jar bench -c 10000 --rate 0 --duration 10s --pid PID"
        })
final class BenchCommand implements Callable<Integer> {
    private static final int MAX_THREADS = 4;

    private enum Output {
        TEXT,
        JSON,
        HTML
    }

    @ParentCommand private Main main;
    @Spec private CommandSpec spec;
    @Mixin private HubOptions hub;

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            defaultValue = "100",
            description = "Connections that read. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = "--transport",
            paramLabel = "KIND",
            defaultValue = "websocket",
            description =
                    "websocket, sse, mix, or weights such as websocket=70,sse=30. Default:"
                            + " ${DEFAULT-VALUE}")
    private String transport;

    @Option(
            names = "--channels",
            paramLabel = "N",
            defaultValue = "1",
            description = "Channels, over which the connections are spread. Default: 1")
    private int channels;

    @Option(
            names = "--channel-prefix",
            paramLabel = "NAME",
            defaultValue = "bench:",
            description = "A channel is called this and its number. Default: ${DEFAULT-VALUE}")
    private String prefix;

    @Option(
            names = "--pattern",
            description = "Each connection reads all channels, by the pattern 'bench:*'.")
    private boolean pattern;

    @Option(
            names = "--conflate",
            paramLabel = "MS",
            defaultValue = "0",
            description =
                    "Of each channel at most one message in that time. Then only the order, and"
                            + " that the newest arrives, are checked.")
    private int conflateMs;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "50",
            description = "Messages a second over all publishers; 0 for none. Default: 50")
    private int rate;

    @Option(
            names = "--payload",
            paramLabel = "SIZE",
            defaultValue = "200",
            description = "The data of a message: 200, 4KiB. Default: 200")
    private String payload;

    @Option(
            names = "--publishers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Connections that publish. Default: 1")
    private int publishers;

    @Option(
            names = "--publish",
            paramLabel = "HOW",
            defaultValue = "rest",
            description =
                    "rest (a request a message, one at a time), ndjson (one request) or websocket."
                            + " Default: ${DEFAULT-VALUE}")
    private String publish;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "How long is measured. Default: ${DEFAULT-VALUE}")
    private String duration;

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "Published before it, and checked, but not timed. Default: 5s")
    private String warmup;

    @Option(
            names = "--connect-rate",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Connections made a second. Default: ${DEFAULT-VALUE}")
    private int connectRate;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Event loops that read. Default: half of the cores, at most 4")
    private @Nullable Integer threads;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of all that is random: channels, transports, data. Default: 1")
    private long seed;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            description =
                    "The hub's process on this machine, for its CPU time a delivery and its memory"
                            + " a connection. Start the hub anew for the latter.")
    private @Nullable Long pid;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "What is printed: text, json or html. Default: ${DEFAULT-VALUE}")
    private Output output;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Also to a file: JSON when it ends in .json, else a page with pictures.")
    private @Nullable Path report;

    @Override
    public Integer call() {
        Bench bench = bench();
        CountDownLatch reported = new CountDownLatch(1);
        Thread onInterrupt = new Thread(() -> stop(bench, reported), "bench-stop");
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try {
            Report done = bench.run();
            clearProgress();
            print(done);
            return done.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
        } catch (BenchException e) {
            clearProgress();
            throw new Failure(String.valueOf(e.getMessage()));
        } finally {
            reported.countDown();
        }
    }

    /** The process ends when this returns: not before the report is out. */
    private static void stop(Bench bench, CountDownLatch reported) {
        bench.stop();
        try {
            reported.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Bench bench() {
        List<String> all = List.of(prefix + "*");
        try {
            Settings settings = settings();
            Grants grants = new Grants(all, all, List.of(), List.of(), false);
            HubOptions.Hub resolved = hub.resolve(main, spec.commandLine(), grants);
            Target target = new Target(URI.create(resolved.base()), resolved.token());
            return new Bench(target, settings, progress());
        } catch (Refusal e) {
            throw new ParameterException(spec.commandLine(), e.explanation());
        }
    }

    private Settings settings() {
        int half = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        OptionalLong bytes = Units.bytes(payload);
        if (bytes.isEmpty() || bytes.getAsLong() > Integer.MAX_VALUE) {
            throw Refusal.badValue("--payload", payload, "bytes, such as 200 or 4KiB");
        }
        return new Settings(
                connections,
                TransportMix.parse(transport),
                channels,
                prefix,
                pattern,
                conflateMs,
                rate,
                (int) bytes.getAsLong(),
                publishers,
                PublishMode.parse(publish),
                milliseconds("--warmup", warmup),
                milliseconds("--duration", duration),
                connectRate,
                threads == null ? Math.min(MAX_THREADS, half) : threads,
                seed,
                pid == null ? OptionalLong.empty() : OptionalLong.of(pid));
    }

    private static long milliseconds(String name, String text) {
        return Units.milliseconds(text)
                .orElseThrow(() -> Refusal.badValue(name, text, "such as 30s or 5m"));
    }

    /** One line that replaces itself; nothing where nobody watches. */
    private Progress progress() {
        PrintWriter err = spec.commandLine().getErr();
        return line -> {
            if (Ansi.AUTO.enabled()) {
                err.print("\r\u001b[K" + line);
                err.flush();
            }
        };
    }

    private void clearProgress() {
        progress().at("");
    }

    private void print(Report done) {
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case TEXT -> out.print(TextReport.of(done));
            case JSON -> out.println(JsonReport.of(done).encodePrettily());
            case HTML -> out.print(HtmlReport.of(done));
        }
        out.flush();
        if (report != null) {
            write(report, done);
        }
    }

    private static void write(Path file, Report done) {
        boolean json = file.toString().endsWith(".json");
        try {
            Files.writeString(
                    file, json ? JsonReport.of(done).encodePrettily() : HtmlReport.of(done));
        } catch (IOException e) {
            throw new Failure("cannot write the report: " + e);
        }
    }
}
