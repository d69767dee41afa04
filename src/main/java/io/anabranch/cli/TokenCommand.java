package io.anabranch.cli;

import io.anabranch.auth.AuthOptions;
import io.anabranch.auth.Grants;
import io.anabranch.auth.TokenIssuer;
import io.anabranch.config.Units;
import io.anabranch.message.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code token}: signs a token with the configuration's HS256 key. */
@Command(
        name = "token",
        description = {
            "Print a token, signed with the configuration's HS256 key.",
            "A pattern is a channel, or ends in *; {sub} in it stands for the user. Several are"
                    + " separated by commas, or each has an option of its own."
        },
        footer = {
            "  java -jar anabranch.jar token --subscribe 'chat:*' --ttl 10m",
            "  java -jar anabranch.jar token --user alice \\",
            "    --subscribe 'chat:*,inbox:{sub}' --publish 'chat:*'",
            "  export ANABRANCH_TOKEN=$(java -jar anabranch.jar token --publish '*')"
        })
final class TokenCommand implements Callable<Integer> {
    @ParentCommand private Main main;
    @Spec private CommandSpec spec;

    @Option(names = "--user", paramLabel = "NAME", description = "Whose it is: its sub.")
    private @Nullable String user;

    @Option(
            names = "--subscribe",
            paramLabel = "PATTERN",
            split = ",",
            description = "Channels that it may subscribe to.")
    private List<String> subscribe = List.of();

    @Option(
            names = "--publish",
            paramLabel = "PATTERN",
            split = ",",
            description = "Channels that it may publish on.")
    private List<String> publish = List.of();

    @Option(
            names = "--presence",
            paramLabel = "PATTERN",
            split = ",",
            description = "Channels whose presence it may see.")
    private List<String> presence = List.of();

    @Option(
            names = "--call",
            paramLabel = "PATTERN",
            split = ",",
            description = "Services that it may call.")
    private List<String> call = List.of();

    @Option(names = "--admin", description = "It may use the admin routes.")
    private boolean admin;

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            defaultValue = "1h",
            description = "How long it is good: 30s, 10m, 1h, 7d. Default: ${DEFAULT-VALUE}")
    private String ttl;

    @Override
    public Integer call() {
        Duration duration = duration();
        Grants grants = grants();
        AuthOptions auth = main.loadConfig().auth();
        requireAllowed(duration, auth.rules().maxLifeMs());
        String token = new TokenIssuer(auth).issue(user, grants, duration);
        spec.commandLine().getOut().println(token);
        return ExitCode.OK;
    }

    private Duration duration() {
        long ms = Units.milliseconds(ttl).orElse(0);
        if (ms < 1_000) {
            throw wrongUsage("--ttl: \"" + ttl + "\" (expected: such as 30s, 10m, 1h, 7d)");
        }
        return Duration.ofMillis(ms);
    }

    private void requireAllowed(Duration duration, long maxLifeMs) {
        if (maxLifeMs > 0 && duration.toMillis() > maxLifeMs) {
            throw wrongUsage(
                    "--ttl: \""
                            + ttl
                            + "\" (expected: at most "
                            + maxLifeMs / 1_000
                            + "s, auth.maxTokenLife)");
        }
    }

    private Grants grants() {
        try {
            return new Grants(subscribe, publish, presence, call, admin);
        } catch (Refusal e) {
            throw wrongUsage("--" + e.explanation());
        }
    }

    private ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
