package io.anabranch.cli;

import io.anabranch.log.sqlite.SqliteArchive;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code inspect}: what the log holds. */
@Command(
        name = "inspect",
        description = {"Show the log's channels and sizes, also while the hub runs."},
        footer = {
            "  java -jar anabranch.jar inspect --prefix chat:",
            "  java -jar anabranch.jar inspect --json",
            "  java -jar anabranch.jar inspect --check"
        })
final class InspectCommand implements Callable<Integer> {
    @ParentCommand private Main main;
    @Spec private CommandSpec spec;

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            defaultValue = "",
            description = "Only channels whose names begin so.")
    private String prefix;

    @Option(names = "--check", description = "Read all of it first, and fail if it is damaged.")
    private boolean check;

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Override
    public Integer call() {
        var archive = new SqliteArchive(BackupCommand.log(main.loadConfig()));
        if (check) {
            archive.check();
        }
        var contents = archive.inspect(prefix);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(contents).encode());
        } else {
            print(contents, out);
        }
        return ExitCode.OK;
    }

    private static void print(SqliteArchive.Contents contents, PrintWriter out) {
        out.printf(
                "epoch %s, head %d, %d bytes and %d of write-ahead log, %d channels%n",
                contents.epoch(),
                contents.head(),
                contents.bytes(),
                contents.walBytes(),
                contents.channels().size());
        out.printf("%10s %12s %12s  %-8s  %s%n", "messages", "head", "cut", "durable", "channel");
        for (var channel : contents.channels()) {
            out.printf(
                    "%10d %12d %12d  %-8s  %s%n",
                    channel.messages(),
                    channel.head(),
                    channel.cut(),
                    channel.durable() ? "yes" : "no",
                    channel.name());
        }
        out.flush();
    }

    private static JsonObject json(SqliteArchive.Contents contents) {
        JsonArray channels = new JsonArray();
        for (var channel : contents.channels()) {
            channels.add(
                    new JsonObject()
                            .put("channel", channel.name())
                            .put("messages", channel.messages())
                            .put("head", channel.head())
                            .put("cut", channel.cut())
                            .put("durable", channel.durable()));
        }
        return new JsonObject()
                .put("epoch", contents.epoch())
                .put("head", contents.head())
                .put("bytes", contents.bytes())
                .put("walBytes", contents.walBytes())
                .put("channels", channels);
    }
}
