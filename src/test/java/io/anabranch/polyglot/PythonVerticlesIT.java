package io.anabranch.polyglot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.HubProcess;
import io.anabranch.testing.Rest;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verticles in Python, beside the hub's jar as it is packaged, with the two that add languages. */
class PythonVerticlesIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir static Path directory;
    private static HubProcess hub;
    private static Rest rest;

    @BeforeAll
    static void start() throws Exception {
        String echo =
                script(
                        "echo.py",
                        """
                        vertx.event_bus.consumer("service.echo", lambda message: message.reply(message.body["data"]))
                        """);
        String bot =
                script(
                        "bot.py",
                        """
                        async def begin():
                            answer = await vertx.event_bus.request("anabranch.publish", {"channel": "bot:a", "data": {"n": 1}})
                            vertx.set_timer(1, lambda: vertx.event_bus.send("anabranch.publish", {"channel": "bot:b", "data": answer["id"]}))

                        run(begin())
                        """);
        String moderator =
                script(
                        "moderator.py",
                        """
                        def refuse(message):
                            message.fail(409, "lent")

                        vertx.event_bus.consumer("service.refuse", refuse)
                        """);
        String spin =
                script(
                        "spin.py",
                        """
                        def spin(message):
                            while True:
                                pass

                        vertx.event_bus.consumer("service.spin", spin)
                        """);
        String curious =
                script(
                        "curious.py",
                        """
                        def attempts():
                            yield lambda: open("/etc/hostname").read()
                            yield lambda: open("/etc/hostname", "w")
                            yield lambda: __import__("os").listdir("/")
                            yield lambda: __import__("subprocess").run(["true"])
                            yield lambda: __import__("java").type("java.lang.System").exit(1)

                        reached = []
                        for number, attempt in enumerate(attempts()):
                            try:
                                attempt()
                                reached.append(number)
                            except BaseException:
                                pass
                        vertx.event_bus.consumer("service.reached", lambda message: message.reply(reached))
                        """);
        String caller =
                script(
                        "caller.py",
                        """
                        import socket
                        socket.create_connection(("127.0.0.1", 1))
                        vertx.event_bus.consumer("service.connected", lambda message: message.reply(1))
                        """);
        String bad = script("bad.py", "import json\nmissing()\n");
        hub = new HubProcess(directory, List.of()).heap(768).jar(Path.of(jar()));
        hub.arguments(
                "--set",
                        "verticles="
                                + new JsonArray(
                                        List.of(echo, bot, moderator, curious, caller, bad)),
                "--set", "verticles[6]={name: \"" + spin + "\", limits: {time: 1s}}");
        hub.start();
        rest = new Rest(hub::uri, hub.token());
    }

    @AfterAll
    static void stop() throws Exception {
        hub.close();
    }

    private static String jar() {
        return System.getProperty("anabranch.jar");
    }

    private static String script(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    @Test
    void plainValuesCrossTheBusBothWays() throws Exception {
        for (String value :
                List.of("{\"a\":[1,{\"b\":null}],\"c\":1.5}", "[]", "\"✓\"", "true", "null")) {
            assertThat(call("echo", value).body()).isEqualTo("{\"data\":" + value + "}");
        }
    }

    @Test
    void aScriptPublishesAndHasTimers() throws Exception {
        await().atMost(SOON).until(() -> rest.history("bot:b", "").size() == 1);
        assertThat(rest.history("bot:b", "").getJsonObject(0).getString("data"))
                .isEqualTo(rest.history("bot:a", "").getJsonObject(0).getString("id"));
    }

    @Test
    void aScriptRefusesWithAStatusOfItsOwn() throws Exception {
        HttpResponse<String> response = call("refuse", "1");
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("lent");
    }

    @Test
    void whatIsWrongWithAScriptIsToldByFileLineAndReason() {
        await().atMost(SOON)
                .untilAsserted(
                        () ->
                                assertThat(Files.readString(hub.output()))
                                        .contains("bad.py:2: ")
                                        .contains("name 'missing' is not defined"));
    }

    @Test
    void aScriptThatRunsAwayIsStoppedAndTheOthersGoOn() throws Exception {
        assertThat(call("spin", "1").statusCode()).isGreaterThanOrEqualTo(500);
        await().atMost(SOON).until(() -> call("spin", "1").statusCode() == 404);
        assertThat(Files.readString(hub.output())).contains("limits.time");
        assertThat(call("echo", "1").body()).isEqualTo("{\"data\":1}");
    }

    @Test
    void aScriptReachesNothingButTheBus() throws Exception {
        assertThat(call("reached", "1").body()).isEqualTo("{\"data\":[]}");
        assertThat(call("connected", "1").statusCode()).isEqualTo(404);
    }

    private static HttpResponse<String> call(String service, String data) throws Exception {
        return rest.send("/api/v1/services/" + service, "application/json", data);
    }
}
