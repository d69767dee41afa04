package io.anabranch.cli;

import io.anabranch.config.Config;
import io.anabranch.log.sqlite.SqliteArchive;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code backup}: a copy of the log, also while its hub runs. */
@Command(
        name = "backup",
        description = {
            "Write what the log holds at this moment to a new file, also while the hub runs.",
            "To go back to it: stop the hub, move the files of log.path away, and put the copy"
                    + " there. The copy has an epoch of its own, so clients are told that what"
                    + " came after it is lost."
        },
        footer = {"  java -jar anabranch.jar backup /backups/anabranch-monday.db"})
final class BackupCommand implements Callable<Integer> {
    @ParentCommand private Main main;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Where to; nothing may be there yet.")
    private Path file;

    @Override
    public Integer call() {
        Path log = log(main.loadConfig());
        new SqliteArchive(log).backUp(file);
        spec.commandLine().getOut().println(log + " is copied to " + file);
        return ExitCode.OK;
    }

    /** The log's file. */
    static Path log(Config config) {
        if (!config.log().type().equals("sqlite")) {
            throw new Failure(
                    "log.type: \"" + config.log().type() + "\" has no file (expected: sqlite)");
        }
        return config.log().path();
    }
}
