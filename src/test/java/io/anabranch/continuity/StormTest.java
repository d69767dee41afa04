package io.anabranch.continuity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.ChildProcess;
import io.anabranch.testing.HubProcess;
import io.anabranch.testing.Load;
import io.anabranch.testing.Rest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand clients lose their connections at once: all come back, and none misses anything. The
 * hub has little memory, and ends when that does not do.
 */
@Tag("long")
class StormTest {
    private static final int CLIENTS = 10_000;

    /** Of {@code anabranch.js}, behind a proxy that cuts; the others are {@link StormClient}s. */
    private static final int OF_THE_LIBRARY = 200;

    /** Processes of the others: so many that none needs more than 16,384 open files. */
    private static final int SHARES = 2;

    private static final int HEAP_MIB = 192;
    private static final int PER_SECOND = 2;

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir private Path directory;
    private HubProcess hub;
    private ChildProcess proxy;
    private String control;
    private final List<ChildProcess> storms = new ArrayList<>();
    private final List<ChildProcess> all = new ArrayList<>();

    @BeforeEach
    void connect() throws Exception {
        hub = new HubProcess(directory, List.of()).heap(HEAP_MIB);
        hub.start();
        proxy = ChildProcess.faultProxy(hub.port());
        JsonObject where = new JsonObject(proxy.hear(20));
        control = where.getString("control");
        JsonObject library =
                new JsonObject()
                        .put("url", where.getString("url"))
                        .put("tokens", new JsonArray().add(hub.token()))
                        .put("count", OF_THE_LIBRARY)
                        .put("channel", "storm:*");
        JsonObject share =
                new JsonObject()
                        .put("ports", new JsonArray().add(hub.port()))
                        .put("token", hub.token())
                        .put("count", (CLIENTS - OF_THE_LIBRARY) / SHARES);
        for (int i = 0; i < SHARES; i++) {
            storms.add(ChildProcess.java(List.of(), Storm.class, share.encode()));
        }
        all.addAll(storms);
        all.add(ChildProcess.node("storm.js", library));
        ask(all, "connect", "");
    }

    @AfterEach
    void disconnect() throws Exception {
        all.forEach(ChildProcess::close);
        proxy.close();
        hub.close();
    }

    @Test
    void allComeBackAfterACutAndAfterACrash() throws Exception {
        try (Load load = load("storm:a")) {
            ask(storms, "cut", "");
            cutTheLibrary();
            report("cut");
            assertNothingIsMissing(ask(all, "read", load.stop()));
        }
        ask(all, "forget", "");
        hub.kill();
        hub.start();
        try (Load load = load("storm:b")) {
            report("crash");
            assertNothingIsMissing(ask(all, "read", load.stop()));
        }
    }

    private Load load(String channel) {
        Load load =
                new Load(List.of(new Rest(hub::uri, hub.token())), List.of(channel), PER_SECOND);
        load.start();
        await().until(() -> load.published() > 0);
        return load;
    }

    private void cutTheLibrary() throws Exception {
        HttpRequest cut =
                HttpRequest.newBuilder(URI.create(control + "cut"))
                        .POST(BodyPublishers.ofString("{}"))
                        .build();
        String answer = HTTP.send(cut, BodyHandlers.ofString()).body();
        assertThat(new JsonObject(answer).getInteger("connections"))
                .isGreaterThanOrEqualTo(OF_THE_LIBRARY);
    }

    private static void assertNothingIsMissing(List<JsonObject> reads) {
        for (JsonObject read : reads) {
            assertThat(read.getLong("received")).isPositive();
            for (String never : List.of("lost", "repeated", "gaps")) {
                assertThat(read.getValue(never))
                        .as("%s in %s", never, read)
                        .isIn(0, new JsonObject());
            }
        }
    }

    /** Waits until all are back, and says how long that took. */
    private void report(String what) throws Exception {
        List<JsonObject> back = ask(all, "back", "");
        assertThat(back.stream().mapToInt(it -> it.getInteger("open")).sum()).isEqualTo(CLIENTS);
        System.out.printf(
                "storm after a %s: %d clients, at most %s resident, back: %s%n",
                what, CLIENTS, mostResident(), back);
    }

    /** The hub's high-water mark. */
    private String mostResident() throws Exception {
        return Files.readAllLines(Path.of("/proc", "" + hub.pid(), "status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .findFirst()
                .orElseThrow()
                .replaceFirst("VmHWM:\\s*", "");
    }

    private List<JsonObject> ask(List<ChildProcess> whom, String command, Object argument)
            throws Exception {
        for (ChildProcess one : whom) {
            one.say(new JsonArray().add(command).add(argument).encode());
        }
        List<JsonObject> answers = new ArrayList<>();
        for (ChildProcess one : whom) {
            answers.add(new JsonObject(one.hear(120)));
        }
        return answers;
    }
}
