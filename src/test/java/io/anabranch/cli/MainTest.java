package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
    private static final String READY =
            "event: hub.ready\ndata: {\"type\":\"ready\",\"heartbeat\":15000}\n\n";

    @TempDir Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Map<String, String> environment = Map.of();
    private FakeHub hub;
    private Path config;

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub();
        config =
                Files.writeString(
                        directory.resolve("anabranch.yaml"),
                        "auth: {keys: [{id: main, algorithm: HS256, secret:"
                                + " 0123456789abcdef0123456789abcdef}]}");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void explainsItselfAndItsCommands() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("Commands:", "Exit codes:", "Examples:", "serve", "token", "publish")
                .contains("tail", "check-config", "--config", "--set");
        for (String command :
                List.of("serve", "token", "publish", "tail", "check-config", "bench")) {
            out.getBuffer().setLength(0);
            assertThat(run(command, "--help")).isZero();
            assertThat(out.toString()).contains("--config", "java -jar anabranch.jar");
        }
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).contains("Anabranch");
    }

    @Test
    void printsJustAToken() {
        assertThat(
                        runHere(
                                "token",
                                "--user",
                                "alice",
                                "--subscribe",
                                "chat:*,inbox:{sub}",
                                "--publish",
                                "chat:*",
                                "--admin",
                                "--ttl",
                                "30s"))
                .isZero();

        String token = out.toString().strip();
        JsonObject claims =
                new JsonObject(new String(Base64.getUrlDecoder().decode(token.split("\\.")[1])));
        assertThat(out.toString().lines()).hasSize(1);
        assertThat(claims.getString("sub")).isEqualTo("alice");
        assertThat(claims.getLong("exp") - claims.getLong("iat")).isEqualTo(30);
        assertThat(claims.getJsonObject("anabranch"))
                .isEqualTo(
                        new JsonObject(
                                "{\"subscribe\":[\"chat:*\",\"inbox:{sub}\"],"
                                        + "\"publish\":[\"chat:*\"],\"admin\":true}"));
    }

    @Test
    void signsNoTokenThatTheHubWouldRefuse() {
        String[] token = {"token", "--set", "auth.maxTokenLife=1h", "--ttl", "61m"};
        assertThat(runHere(token)).isEqualTo(2);
        assertThat(err.toString())
                .contains("--ttl: \"61m\" (expected: at most 3600s, auth.maxTokenLife)");
    }

    @Test
    void refusesWrongUsageWithTwo() {
        assertThat(runHere("token", "--ttl", "soon")).isEqualTo(2);
        assertThat(runHere("token", "--publish", "a b")).isEqualTo(2);
        assertThat(runHere("tail")).isEqualTo(2);
        assertThat(runHere("tail", "a b")).isEqualTo(2);
        assertThat(runHere("tail", "chat:*", "--last", "-1")).isEqualTo(2);
        assertThat(runHere("tail", "chat:*", "--after", "x")).isEqualTo(2);
        assertThat(runHere("tail", "chat:*", "--url", "localhost:8080")).isEqualTo(2);
        assertThat(runHere("publish", "chat:*", "1")).isEqualTo(2);
        assertThat(runHere("frobnicate")).isEqualTo(2);
        assertThat(err.toString()).doesNotContain("\tat ");
    }

    @Test
    void tellsOfWrongUsageInFewWords() {
        assertThat(runHere("publsh", "a", "1")).isEqualTo(2);

        assertThat(err.toString()).contains("publish", "Help: anabranch --help");
        assertThat(err.toString().lines().count()).isLessThan(5);
    }

    @Test
    void saysWhereItCannotListen() {
        String port = hub.url().replaceFirst(".*:", "");

        assertThat(runHere("serve", "--set", "http.port=" + port)).isEqualTo(1);
        assertThat(err.toString())
                .contains("cannot listen on " + hub.url() + ": Address already in use")
                .contains("--set http.port=");
    }

    @Test
    void saysHowToQuoteWhatIsNoJson() {
        assertThat(runHere("publish", "chat:lobby", "{text:hi}", "--url", hub.url())).isEqualTo(2);

        assertThat(err.toString()).contains("not JSON at byte", "single quotes");
        assertThat(hub.asked()).isEmpty();
    }

    @Test
    void refusesAWrongConfigurationWithTwoAndAllItsProblems() {
        assertThat(runHere("check-config", "--set", "http.prot=1", "--set", "http.host=7"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("did you mean http.port?", "http.host: \"7\"");

        assertThat(run("check-config", "--config", directory.resolve("absent").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("no such file (another one: --config FILE)");
    }

    @Test
    void loadsTheKeysWhenItChecksTheConfiguration() throws IOException {
        Path noKey = Files.writeString(directory.resolve("no.pem"), "no key");

        assertThat(runHere("check-config")).isZero();
        assertThat(out.toString()).contains("in order (1 keys");
        assertThat(
                        runHere(
                                "check-config",
                                "--set",
                                "auth.keys[0]={id: a, algorithm: ES256, publicKey: '"
                                        + noKey
                                        + "'}"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("BEGIN PUBLIC KEY");
    }

    @Test
    void publishesAndPrintsTheId() {
        hub.answers(201, "application/json", "{\"id\":\"k4x9-7\",\"channel\":\"chat:a/b\"}");

        int code =
                runHere(
                        "publish",
                        "chat:a/b",
                        "{\"text\":\"hé\"}",
                        "--event",
                        "a note",
                        "--dedup",
                        "7c1e",
                        "--url",
                        hub.url());

        assertThat(code).isZero();
        assertThat(out.toString().strip()).isEqualTo("k4x9-7");
        FakeHub.Asked asked = hub.asked().get(0);
        assertThat(asked.uri()).isEqualTo("/api/v1/channels/chat%3Aa%2Fb/messages?event=a%20note");
        assertThat(asked.body()).isEqualTo("{\"text\":\"hé\"}");
        assertThat(asked.token()).startsWith("Bearer ey");
    }

    @Test
    void takesTheTokenThatItIsGivenAndThenNeedsNoConfiguration() {
        String id = "{\"id\":\"k4x9-7\"}";
        hub.answers(201, "application/json", id).answers(200, "application/json", id);
        environment = Map.of("ANABRANCH_TOKEN", "fromTheEnvironment");

        assertThat(run("publish", "a", "1", "--url", hub.url() + "/")).isZero();
        assertThat(run("publish", "a", "1", "--url", hub.url(), "--token", "given")).isZero();

        assertThat(hub.asked())
                .extracting(FakeHub.Asked::token)
                .containsExactly("Bearer fromTheEnvironment", "Bearer given");
    }

    @Test
    void tellsWhatTheHubRefused() {
        hub.answers(403, "application/problem+json", "{\"detail\":\"no publish permission\"}");

        assertThat(runHere("publish", "a", "1", "--url", hub.url())).isEqualTo(1);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines(
                        "anabranch: the hub answered 403: no publish permission");
    }

    @Test
    void saysThatNoHubAnswers() {
        String url = hub.url();
        hub.close();

        assertThat(runHere("publish", "a", "1", "--url", url)).isEqualTo(1);
        assertThat(runHere("tail", "a", "--url", url)).isEqualTo(1);
        assertThat(err.toString()).contains("does the hub run?").doesNotContain("\tat ");
    }

    @Test
    void followsOverReconnectionsFromTheLastId() {
        hub.streamsAndBreaksOff(
                        READY
                                + "id: k4x9-1\ndata: {\"n\":1}\n\n"
                                + "id: k4x9-2\nevent: note\ndata: {\"n\":2}\n\n"
                                + "id: k4x9-3\ndata: {\"cut\":")
                .streams(
                        READY
                                + "id: k4x9-5\nevent: hub.gap\ndata: {\"reason\":\"expired\"}\n\n"
                                + "id: k4x9-6\ndata: {\"n\":6}\n\nid: k4x9-9\n\n"
                                + "event: hub.close\ndata: {\"code\":4503,\"retryAfter\":1}\n\n");

        assertThat(runHere("tail", "chat:*", "b", "--last", "2", "--url", hub.url())).isZero();

        assertThat(out.toString().lines()).containsExactly("{\"n\":1}", "{\"n\":2}", "{\"n\":6}");
        assertThat(err.toString()).isEqualToIgnoringNewLines("gap: {\"reason\":\"expired\"}");
        assertThat(hub.asked())
                .extracting(FakeHub.Asked::lastEventId)
                .containsExactly(null, "k4x9-2", "k4x9-9");
        assertThat(hub.asked().get(0).uri())
                .isEqualTo("/sse?envelope=true&channel=chat%3A*&channel=b&last=2");
    }

    @Test
    void reconnectsAStreamThatHasFallenSilent() {
        hub.streamsAndFallsSilent(READY.replace("15000", "100") + "id: k4x9-1\n\n");

        assertThat(runHere("tail", "a", "--url", hub.url())).isZero();
        assertThat(hub.asked()).hasSize(2);
        assertThat(hub.asked().get(1).lastEventId()).isEqualTo("k4x9-1");
    }

    @Test
    void endsWhenTheHubSaysThatComingBackIsNoUse() {
        hub.streams("event: hub.close\ndata: {\"code\":4403,\"reason\":\"forbidden\"}\n\n");

        assertThat(runHere("tail", "a", "--url", hub.url())).isEqualTo(1);
        assertThat(err.toString()).contains("forbidden");
    }

    @Test
    void comesBackToABusyHubAndEndsWithOneThatRefuses() {
        hub.answers(503, "application/problem+json", "{}")
                .answers(401, "application/problem+json", "{\"detail\":\"token: expired\"}");

        assertThat(runHere("tail", "a", "--url", hub.url())).isEqualTo(1);
        assertThat(err.toString()).contains("401: token: expired");
        assertThat(hub.asked()).hasSize(2);
    }

    @Test
    void endsWhenNobodyReadsItsOutput() {
        hub.streams(READY + "id: k4x9-1\ndata: 1\n\nid: k4x9-2\ndata: 2\n\n");
        OutputStream broken =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };

        int code =
                commandLine()
                        .setOut(new PrintWriter(broken, true))
                        .execute("tail", "a", "--url", hub.url(), "--config", config.toString());

        assertThat(code).isZero();
        assertThat(hub.asked()).hasSize(1);
    }

    private int runHere(String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = config.toString();
        return run(all);
    }

    private int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    private CommandLine commandLine() {
        return Main.commandLine(environment)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
    }
}
