package io.anabranch.polyglot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.anabranch.auth.Grants;
import io.anabranch.polyglot.VerticleOptions.Limits;
import io.anabranch.polyglot.VerticleState.Status;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verticles by file, beside a real hub, in the languages that the hub's own build has. */
class ScriptsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final TestHub hub = new TestHub();
    @TempDir Path directory;

    @AfterEach
    void stop() throws Exception {
        hub.stop();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    js     | vertx.eventBus.consumer('service.echo', (message) => message.reply(message.body.data));
                    groovy | vertx.eventBus.consumer('service.echo') { message -> message.reply(message.body.data) }
                    """)
    void plainValuesCrossTheBusBothWays(String language, String text) throws Exception {
        hub.verticles(script("echo." + language, text));
        hub.start();
        for (String value :
                List.of("{\"a\":[1,{\"b\":null}],\"c\":1.5}", "[]", "\"✓\"", "true", "null")) {
            assertThat(call("echo", value).body()).isEqualTo("{\"data\":" + value + "}");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    js     | const { id } = await vertx.eventBus.request('anabranch.publish', { channel: 'bot:a', data: { hello: config.name } }); vertx.setTimer(1, () => vertx.eventBus.send('anabranch.publish', { channel: 'bot:b', data: id }));
                    groovy | vertx.eventBus.request('anabranch.publish', [channel: 'bot:a', data: [hello: "${config.name}"]]).onSuccess { answer -> vertx.setTimer(1) { vertx.eventBus.send('anabranch.publish', [channel: 'bot:b', data: answer.id]) } }
                    """)
    void aScriptPublishesAndHasTimersAndAConfiguration(String language, String text)
            throws Exception {
        JsonObject config = new JsonObject().put("name", "Ann");
        hub.verticle(
                new VerticleOptions(
                        script("bot." + language, text), null, true, config, Limits.STANDARD));
        hub.start();
        Rest rest = new Rest(hub, hub.token("alice"));
        await().atMost(SOON).until(() -> rest.history("bot:b", "").size() == 1);
        JsonObject first = rest.history("bot:a", "").getJsonObject(0);
        assertThat(first.getJsonObject("data")).isEqualTo(new JsonObject("{\"hello\":\"Ann\"}"));
        assertThat(rest.history("bot:b", "").getJsonObject(0).getString("data"))
                .isEqualTo(first.getString("id"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    js     | missing()                   | Error: missing is not defined
                    js     | throw new Error('too late') | Error: too late
                    js     | const const = 1             | SyntaxError
                    js     | await vertx.eventBus.request('nobody') ; | No handlers for address nobody
                    groovy | missing()                   | missing() is applicable for argument types
                    groovy | throw new IOException('too late') | too late
                    groovy | if (true {                  | Unexpected input
                    """)
    void whatIsWrongWithAScriptIsToldByFileLineAndReason(
            String language, String text, String reason) throws Exception {
        String bad = script("bad." + language, "\n" + text);
        hub.verticles(bad);
        hub.start();
        await().atMost(SOON).until(() -> state().failure() != null);
        assertThat(state().failure()).startsWith(bad + ":2: ").contains(reason);
        assertThat(new Rest(hub, "").get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void aScriptThatFailsDoesNotKeepTheHubFromStartingUnlessItIsRequired() throws Exception {
        String bad = script("bad.js", "throw new Error('no')");
        hub.verticles(bad, script("good.js", "export const good = 1;"));
        hub.start();
        assertThat(hub.verticleStates())
                .extracting(VerticleState::status)
                .containsExactly(Status.FAILED, Status.RUNNING);

        TestHub strict =
                new TestHub()
                        .verticle(
                                new VerticleOptions(
                                        bad, null, true, new JsonObject(), Limits.STANDARD));
        assertThatThrownBy(strict::start)
                .hasMessageContaining(bad + " is required")
                .hasMessageContaining("bad.js:1: Error: no");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    js     | vertx.eventBus.consumer('service.spin', () => { while (true) {} });
                    groovy | vertx.eventBus.consumer('service.spin') { while (true) {} }
                    """)
    void aScriptThatRunsAwayIsStoppedAndTheOthersGoOn(String language, String text)
            throws Exception {
        String spin = script("spin." + language, "\n" + text);
        hub.verticle(limited(spin, new Limits(300, 0)))
                .verticles(
                        script(
                                "echo.js",
                                "vertx.eventBus.consumer('service.echo', (m) => m.reply(1));"));
        hub.start();
        CompletableFuture<?> hanging = callLater("spin", "1");
        await().atMost(SOON).until(() -> state().status() == Status.FAILED);
        assertThat(state().failure())
                .startsWith(spin + ":")
                .contains("a turn took more than 300 ms (limits.time)");
        assertThat(call("echo", "1").body()).isEqualTo("{\"data\":1}");
        await().atMost(SOON).until(() -> call("spin", "1").statusCode() == 404);
        hanging.cancel(true);
    }

    @Test
    void aScriptThatRunsAwayWhileItStartsDoesNotRun() throws Exception {
        String spin = script("spin.js", "let i = 0;\nfor (;;) i++;");
        hub.verticle(limited(spin, new Limits(300, 0)));
        hub.start();
        assertThat(state().status()).isEqualTo(Status.FAILED);
        assertThat(state().failure()).startsWith(spin + ":").contains("limits.time");
    }

    @Test
    void statementsOfATurnAreCounted() throws Exception {
        String text =
                """
                vertx.eventBus.consumer('service.count', (message) => {
                  let sum = 0;
                  for (let i = 0; i < message.body.data; i++) sum += i;
                  message.reply(sum);
                });
                """;
        String counter = script("counter.js", text);
        hub.verticle(limited(counter, new Limits(20_000, 10_000)));
        hub.start();
        for (int i = 0; i < 5; i++) {
            assertThat(call("count", "1000").body()).isEqualTo("{\"data\":499500}");
        }
        CompletableFuture<?> hanging = callLater("count", "100000");
        await().atMost(SOON).until(() -> state().status() == Status.FAILED);
        assertThat(state().failure())
                .contains("a turn executed more than 10000 statements (limits.statements)");
        hanging.cancel(true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    js     | vertx.eventBus.consumer('service.fail', (message) => { throw new Error(message.body.data) });
                    js     | vertx.eventBus.consumer('service.fail', async (message) => { await null; throw new Error(message.body.data) });
                    groovy | vertx.eventBus.consumer('service.fail') { message -> throw new IllegalStateException(message.body.data) }
                    """)
    void aHandlerThatFailsAnswersSoAndTheScriptGoesOn(String language, String text)
            throws Exception {
        String failing = script("failing." + language, text);
        hub.verticles(failing);
        hub.start();
        for (int i = 1; i <= 2; i++) {
            HttpResponse<String> response = call("fail", "\"a secret\"");
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).doesNotContain("secret");
            int calls = i;
            await().atMost(SOON).until(() -> state().failures() == calls);
        }
        assertThat(state().status()).isEqualTo(Status.RUNNING);
        assertThat(state().failure()).startsWith(failing + ":1: ").contains("a secret");
    }

    @Test
    void aScriptReachesNothingButTheBus() throws Exception {
        String text =
                """
                const attempts = {
                  java: () => Java.type('java.lang.System'),
                  load: () => load('/etc/hostname'),
                  polyglot: () => Polyglot.import('x'),
                  host: () => vertx.eventBus.getClass(),
                  fetch: () => fetch('http://127.0.0.1/'),
                  require: () => require('fs'),
                };
                const reached = [];
                for (const [name, attempt] of Object.entries(attempts)) {
                  try { attempt(); reached.push(name); } catch {}
                }
                try { await import('/etc/hostname'); reached.push('import'); } catch {}
                vertx.eventBus.consumer('service.reached', (message) => message.reply(reached));
                """;
        hub.verticles(script("curious.js", text));
        hub.start();
        assertThat(call("reached", "1").body()).isEqualTo("{\"data\":[]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    js     | export async function stop() { await vertx.eventBus.request('anabranch.publish', { channel: 'bot:end', data: 1 }); }
                    groovy | def stop() { vertx.eventBus.request('anabranch.publish', [channel: 'bot:end', data: 1]) }
                    """)
    void aScriptIsStoppedAndStartedAnewWhenItsFileChangesInDevelopment(String language, String end)
            throws Exception {
        String name = "version." + language;
        String answer =
                language.equals("js")
                        ? "vertx.eventBus.consumer('service.version', (m) => m.reply(%d));\n"
                        : "vertx.eventBus.consumer('service.version') { m -> m.reply(%d) }\n";
        hub.development(script(name, answer.formatted(1) + end));
        hub.start();
        assertThat(call("version", "0").body()).isEqualTo("{\"data\":1}");

        change(name, "oh dear (");
        await().atMost(SOON).until(() -> state().status() == Status.FAILED);
        change(name, answer.formatted(2));
        await().atMost(SOON).until(() -> state().status() == Status.RUNNING);
        assertThat(call("version", "0").body()).isEqualTo("{\"data\":2}");
        assertThat(new Rest(hub, hub.token("alice")).history("bot:end", "")).hasSize(1);
        assertThat(state().starts()).isEqualTo(3);
    }

    /** The second time the language is there already, and the change before the first look. */
    @RepeatedTest(2)
    void aChangeRightAfterTheStartIsSeen() throws Exception {
        String answer = "vertx.eventBus.consumer('service.version', (m) => m.reply(%d));";
        hub.development(script("version.js", answer.formatted(1)));
        hub.start();
        change("version.js", answer.formatted(2));
        await().atMost(SOON).until(() -> state().starts() == 2);
        await().atMost(SOON).until(() -> state().status() == Status.RUNNING);
        assertThat(call("version", "0").body()).isEqualTo("{\"data\":2}");
    }

    @Test
    void whereALanguageIsNotInstalledSomethingElseRuns() throws Exception {
        String python = script("digits.py", "print(1)");
        String text = "vertx.eventBus.consumer('service.other', (m) => m.reply('js'));";
        hub.verticle(
                new VerticleOptions(
                        python,
                        script("digits.js", text),
                        true,
                        new JsonObject(),
                        Limits.STANDARD));
        hub.start();
        assertThat(state().language()).isEqualTo("JavaScript");
        assertThat(call("other", "1").body()).isEqualTo("{\"data\":\"js\"}");
    }

    @Test
    void aLanguageThatIsNotInstalledIsNamed() throws Exception {
        hub.verticles(script("digits.py", "print(1)"));
        hub.start();
        assertThat(state().failure())
                .contains("Python is not installed")
                .contains("anabranch-python.jar");
    }

    private VerticleState state() {
        return hub.verticleStates().get(0);
    }

    private static VerticleOptions limited(String name, Limits limits) {
        return new VerticleOptions(name, null, false, new JsonObject(), limits);
    }

    private String script(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    /** Written at once and dated apart, as an editor does in a moment that a clock can tell. */
    private void change(String name, String text) throws IOException {
        Path written = Files.writeString(directory.resolve(name + ".new"), text);
        FileTime before = Files.getLastModifiedTime(directory.resolve(name));
        Files.setLastModifiedTime(written, FileTime.fromMillis(before.toMillis() + 2_000));
        Files.move(
                written,
                directory.resolve(name),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private HttpResponse<String> call(String service, String data) throws Exception {
        return new Rest(hub, token()).send("/api/v1/services/" + service, "application/json", data);
    }

    /** Nobody will answer it. */
    private CompletableFuture<?> callLater(String service, String data) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return call(service, data);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private String token() {
        Grants grants = new Grants(List.of(), List.of(), List.of(), List.of("*"), false);
        return hub.token("alice", grants, Duration.ofMinutes(5));
    }
}
