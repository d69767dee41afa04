package io.anabranch.cli;

import io.anabranch.auth.Grants;
import io.anabranch.message.Channel;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code publish}: one message. */
@Command(
        name = "publish",
        description = "Publish one message, and print its id.",
        footer = {
            "  java -jar anabranch.jar publish chat:lobby '{\"text\":\"hi\"}'",
            "  java -jar anabranch.jar publish chat:lobby '\"a text\"' --event note"
        })
final class PublishCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @ParentCommand private Main main;
    @Spec private CommandSpec spec;
    @Mixin private HubOptions hub;

    @Parameters(index = "0", paramLabel = "CHANNEL", description = "Such as chat:lobby.")
    private String channel;

    @Parameters(index = "1", paramLabel = "JSON", description = "The message's data.")
    private String json;

    @Option(
            names = "--event",
            paramLabel = "NAME",
            description = "What kind of message. Default: message")
    private @Nullable String event;

    @Option(
            names = "--dedup",
            paramLabel = "KEY",
            description = "A repeat with the same key publishes nothing and prints the first id.")
    private @Nullable String dedup;

    @Override
    public Integer call() {
        checkArguments();
        Grants grants = new Grants(List.of(), List.of(channel), List.of(), List.of(), false);
        HubClient client = new HubClient(hub.resolve(main, spec.commandLine(), grants));
        try {
            HttpResponse<String> response = client.send(request(client), BodyHandlers.ofString());
            if (response.statusCode() != 201 && response.statusCode() != 200) {
                throw HubClient.refused(response.statusCode(), response.body());
            }
            spec.commandLine().getOut().println(new JsonObject(response.body()).getString("id"));
            return ExitCode.OK;
        } catch (IOException e) {
            throw client.unreachable(e);
        }
    }

    private HttpRequest request(HubClient client) {
        String query = event == null ? "" : "?event=" + HubClient.encoded(event);
        HttpRequest.Builder request =
                client.request(
                                "/api/v1/channels/"
                                        + HubClient.encoded(channel)
                                        + "/messages"
                                        + query)
                        .timeout(TIMEOUT)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json));
        if (dedup != null) {
            request.header("Idempotency-Key", dedup);
        }
        return request.build();
    }

    private void checkArguments() {
        try {
            new Channel(channel);
            if (event != null) {
                String unused = EventName.check(event);
            }
        } catch (Refusal e) {
            throw wrongUsage(e.explanation());
        }
        try {
            JsonValue unused = JsonValue.parse(json);
        } catch (Refusal e) {
            throw wrongUsage(
                    "JSON: "
                            + e.explanation()
                            + "\nPut it in single quotes, so that the shell leaves it as it is:"
                            + " '{\"text\":\"hi\"}', and a text in both: '\"hi\"'");
        }
    }

    private ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
