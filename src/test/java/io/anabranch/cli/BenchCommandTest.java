package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Limit;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
    @RegisterExtension final TestHub hub = new TestHub();

    @TempDir Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void printsWhatItFoundAndWritesItToAFile() throws Exception {
        Path page = directory.resolve("bench.html");

        int code = run("--transport", "mix", "--output", "json", "--report", page.toString());

        assertThat(err.toString()).isEmpty();
        assertThat(code).isZero();
        JsonObject json = new JsonObject(out.toString());
        assertThat(json.getBoolean("passed")).isTrue();
        assertThat(json.getJsonObject("settings").getInteger("connections")).isEqualTo(4);
        assertThat(json.getJsonObject("messages").getLong("deliveries"))
                .isEqualTo(4 * json.getJsonObject("messages").getLong("accepted"));
        assertThat(Files.readString(page)).startsWith("<!doctype html>");
    }

    @Test
    void endsWithOneWhenNothingArrives() {
        assertThat(run("--channel-prefix", "bench:\u00e4")).isEqualTo(2);
        assertThat(err.toString()).contains("--channel-prefix");

        assertThat(run("--payload", "100KiB")).isEqualTo(1);
        assertThat(out.toString()).contains("publishes refused", "413", "FAILED");
    }

    @Test
    void saysWhatItExpectedOfAnOption() {
        assertThat(run("--transport", "carrier-pigeon")).isEqualTo(2);
        assertThat(run(List.of("bench", "--token", "none", "--duration", "soon"))).isEqualTo(2);
        assertThat(run("--payload", "10")).isEqualTo(2);
        assertThat(run("--publish", "mail")).isEqualTo(2);
        assertThat(run("--output", "pdf")).isEqualTo(2);
        assertThat(run("--pid", "999999999")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--transport: \"carrier-pigeon\" (expected: websocket, sse, mix")
                .contains("--duration: \"soon\" (expected: such as 30s")
                .contains("--payload: \"10\" (expected: 96 to")
                .contains("--publish: \"mail\" (expected: rest, ndjson or websocket)")
                .contains("--pid: \"999999999\" (expected: a running process");
    }

    @Test
    void saysWhichLimitOfTheHubIsInItsWay() throws Exception {
        hub.stop();
        hub.limit(Limit.CONNECTIONS_PER_USER, 2).limit(Limit.PUBLISH_PER_SECOND, 20).start();

        assertThat(run()).isEqualTo(1);
        assertThat(out.toString())
                .contains("not connected   2, the first: 429 connections: no more for the user")
                .contains("start the hub with --set limits.connectionsPerUser=1000000")
                .contains("start the hub with --set limits.publishPerSecond=1000000")
                .doesNotContain("--set limits.message");
    }

    @Test
    void saysThatNoHubAnswers() throws Exception {
        List<String> arguments = arguments();
        hub.stop();

        assertThat(run(arguments)).isEqualTo(1);
        assertThat(err.toString()).contains("no connection: ", "refused");
    }

    private int run(String... more) {
        List<String> arguments = arguments();
        arguments.addAll(List.of(more));
        return run(arguments);
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("bench", "--url"));
        arguments.addAll(List.of(hub.uri("").toString(), "--token", hub.token("bench")));
        arguments.addAll(List.of("-c", "4", "--rate", "100", "-d", "500ms", "--warmup", "100ms"));
        return arguments;
    }

    private int run(List<String> arguments) {
        return Main.commandLine(Map.of())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }
}
