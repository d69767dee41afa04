package io.anabranch.cli;

import io.anabranch.auth.Grants;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.Refusal;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code tail}: follows channels. */
@Command(
        name = "tail",
        description = {
            "Print the messages of channels as they come, one line of JSON each.",
            "It reconnects by itself and goes on after the last message. What cannot be had any"
                    + " more is said on standard error. Ends with Ctrl-C."
        },
        footer = {
            "  java -jar anabranch.jar tail 'chat:*' --last 10",
            "  java -jar anabranch.jar tail ticker:ACME clock:utc | jq .data",
            "  java -jar anabranch.jar tail chat:lobby --after earliest"
        })
final class TailCommand implements Callable<Integer> {
    @ParentCommand private Main main;
    @Spec private CommandSpec spec;
    @Mixin private HubOptions hub;

    @Parameters(
            arity = "1..*",
            paramLabel = "CHANNEL",
            description = "Channels, or patterns such as 'chat:*'.")
    private List<String> channels;

    @Option(
            names = "--after",
            paramLabel = "ID",
            description = "Begin after this message; earliest for all that the hub still has.")
    private @Nullable String after;

    @Option(
            names = "--last",
            paramLabel = "N",
            description = "Begin with the last N messages of each channel.")
    private @Nullable Integer last;

    @Override
    public Integer call() {
        checkArguments();
        Grants grants = new Grants(channels, List.of(), List.of(), List.of(), false);
        HubClient client = new HubClient(hub.resolve(main, spec.commandLine(), grants));
        return new Follower(
                        client, query(), spec.commandLine().getOut(), spec.commandLine().getErr())
                .follow();
    }

    private String query() {
        StringBuilder query = new StringBuilder("/sse?envelope=true");
        for (String channel : channels) {
            query.append("&channel=").append(HubClient.encoded(channel));
        }
        if (after != null) {
            query.append("&after=").append(HubClient.encoded(after));
        } else if (last != null) {
            query.append("&last=").append(last.intValue());
        }
        return query.toString();
    }

    private void checkArguments() {
        try {
            channels.forEach(ChannelPattern::new);
            if (after != null) {
                Cursor unused = Cursor.parse("--after", after);
            }
            if (last != null && last < 1) {
                throw Refusal.badValue("--last", last, "at least 1");
            }
        } catch (Refusal e) {
            throw new ParameterException(spec.commandLine(), e.explanation());
        }
    }
}
