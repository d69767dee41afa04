package io.anabranch.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.auth.KeyException;
import io.anabranch.config.Config;
import io.anabranch.config.ConfigException;
import io.anabranch.config.ConfigLoader;
import io.anabranch.message.Refusal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. Exit codes: 0, 1 failed, 2 wrong usage or configuration. */
@Command(
        name = "anabranch",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description =
                "A self-hosted realtime hub: SSE, WebSocket and REST over one ordered log. Without"
                        + " a command it serves.",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed", "2:wrong usage or configuration"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  java -jar anabranch.jar",
            "  java -jar anabranch.jar --set http.port=8081 --set log.dedupWindow=10m",
            "  java -jar anabranch.jar token --user alice --subscribe 'chat:*' --ttl 1h",
            "  java -jar anabranch.jar publish chat:lobby '{\"text\":\"hi\"}'",
            "  java -jar anabranch.jar tail 'chat:*'",
            "",
            "Each command has a --help of its own."
        },
        subcommands = {
            ServeCommand.class,
            TokenCommand.class,
            PublishCommand.class,
            TailCommand.class,
            CheckConfigCommand.class,
            BackupCommand.class,
            InspectCommand.class,
            BenchCommand.class
        })
public final class Main implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            defaultValue = ServeArguments.DEFAULT_CONFIG,
            description = "The configuration. Default: ${DEFAULT-VALUE}")
    private Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            scope = ScopeType.INHERIT,
            description =
                    "One value of the configuration, over the file's: http.port=8081,"
                            + " auth.keys[0].secret=…, 'channels.\"chat:*\".presence=true'."
                            + " Repeatable.")
    private List<String> sets = List.of();

    @Spec private CommandSpec spec;

    private final Map<String, String> environment;

    Main(Map<String, String> environment) {
        this.environment = environment;
    }

    public static void main(String... args) {
        PrintWriter out = new PrintWriter(System.out, true, UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, UTF_8);
        System.exit(
                ServeArguments.parse(args)
                        .map(serve -> serve(serve, out, err))
                        .orElseGet(
                                () ->
                                        commandLine(System.getenv())
                                                .setOut(out)
                                                .setErr(err)
                                                .execute(args)));
    }

    static int serve(ServeArguments arguments, PrintWriter out, PrintWriter err) {
        try {
            Config config = ConfigLoader.load(arguments.config(), arguments.sets());
            return ServeCommand.serve(config, out);
        } catch (RuntimeException e) {
            return report(e, err);
        }
    }

    static CommandLine commandLine(Map<String, String> environment) {
        return new CommandLine(new Main(environment))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((wrongUsage, arguments) -> report(wrongUsage))
                .setExecutionExceptionHandler(
                        (failure, commandLine, parsed) -> report(failure, commandLine.getErr()));
    }

    @Override
    public Integer call() {
        return ServeCommand.serve(loadConfig(), spec.commandLine().getOut());
    }

    Config loadConfig() {
        return ConfigLoader.load(config, sets);
    }

    Path configFile() {
        return config;
    }

    Optional<String> environment(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /** Tells of wrong usage in a line or two, and where the right one is told. */
    private static int report(ParameterException wrongUsage) {
        CommandLine commandLine = wrongUsage.getCommandLine();
        PrintWriter err = commandLine.getErr();
        err.println("anabranch: " + wrongUsage.getMessage());
        UnmatchedArgumentException.printSuggestions(wrongUsage, err);
        err.println("Help: " + commandLine.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    /** Tells of a failure in words; what nobody foresaw goes to the log with its stack trace. */
    private static int report(Exception failure, PrintWriter err) {
        String message = failure.getMessage();
        err.println("anabranch: " + (message == null ? failure.toString() : message));
        if (failure instanceof ConfigException || failure instanceof KeyException) {
            return ExitCode.USAGE;
        }
        if (!(failure instanceof Failure || failure instanceof Refusal)) {
            LOG.debug("{}", failure.toString(), failure);
        }
        return ExitCode.SOFTWARE;
    }
}
