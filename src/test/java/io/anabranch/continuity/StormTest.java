package io.anabranch.continuity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.ChildProcess;
import io.anabranch.testing.Load;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Five thousand clients lose their connections at once: all come back, and none misses anything.
 */
@Tag("long")
class StormTest {
    private static final int CLIENTS = 5_000;

    /** Proxies and processes of clients: so many that none needs more than 16,384 open files. */
    private static final int SHARES = 2;

    private static final int USERS = 100;
    private static final int PER_SECOND = 2;

    /** Of each client, however long the hub takes for all of them. */
    private static final int MOST_ATTEMPTS = 10;

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @RegisterExtension final TestHub hub = new TestHub();
    private final List<ChildProcess> proxies = new ArrayList<>();
    private final List<ChildProcess> nodes = new ArrayList<>();
    private final List<String> controls = new ArrayList<>();

    @BeforeEach
    void connect() throws Exception {
        JsonArray tokens = new JsonArray();
        for (int i = 0; i < USERS; i++) {
            tokens.add(hub.token("user-" + i, List.of("*"), List.of(), Duration.ofHours(1)));
        }
        for (int i = 0; i < SHARES; i++) {
            ChildProcess proxy = ChildProcess.faultProxy(hub.port());
            proxies.add(proxy);
            JsonObject where = new JsonObject(proxy.hear(20));
            controls.add(where.getString("control"));
            JsonObject options =
                    new JsonObject()
                            .put("url", where.getString("url"))
                            .put("tokens", tokens)
                            .put("count", CLIENTS / SHARES)
                            .put("channel", "storm:*");
            nodes.add(ChildProcess.node("storm.js", options));
        }
        ask("connect", "");
        control("arrivals", "");
    }

    @AfterEach
    void disconnect() {
        nodes.forEach(ChildProcess::close);
        proxies.forEach(ChildProcess::close);
    }

    @Test
    void allComeBackAfterACutAndAfterARestart() throws Exception {
        try (Load load = load("storm:a")) {
            control("cut", "{}");
            report("cut");
            assertNothingIsMissing(ask("read", load.stop()), new JsonObject());
        }
        restart();
        try (Load load = load("storm:b")) {
            report("restart");
            // A log in memory does not survive, which each client is told once.
            JsonObject gaps = new JsonObject().put("reset", CLIENTS / SHARES);
            assertNothingIsMissing(ask("read", load.stop()), gaps);
        }
    }

    private void restart() throws Exception {
        hub.stop();
        hub.start();
        ask("forget", "");
        control("target", new JsonObject().put("port", hub.port()).encode());
    }

    private Load load(String channel) {
        Load load = new Load(hub, List.of(channel), 1, PER_SECOND);
        load.start();
        await().until(() -> load.published() > 0);
        return load;
    }

    private static void assertNothingIsMissing(List<JsonObject> reads, JsonObject gaps) {
        for (JsonObject read : reads) {
            assertThat(read.getLong("received")).isPositive();
            for (String never : List.of("lost", "repeated", "reordered")) {
                assertThat(read.getLong(never)).as("%s in %s", never, read).isZero();
            }
            assertThat(read.getJsonObject("gaps")).isEqualTo(gaps);
        }
    }

    /** Waits until all are back, and says how long that took and how fast they came. */
    private void report(String what) throws Exception {
        List<JsonObject> back = ask("back", "");
        List<Long> arrivals = new ArrayList<>();
        for (String answer : control("arrivals", "")) {
            for (Object time : new JsonObject(answer).getJsonArray("arrivals")) {
                arrivals.add(((Number) time).longValue());
            }
        }
        assertThat(arrivals).hasSizeBetween(CLIENTS, MOST_ATTEMPTS * CLIENTS);
        arrivals.sort(null);
        int busiest = 0;
        for (int from = 0, to = 0; to < arrivals.size(); to++) {
            while (arrivals.get(to) - arrivals.get(from) >= 1_000) {
                from++;
            }
            busiest = Math.max(busiest, to - from + 1);
        }
        System.out.printf(
                "storm after a %s: %d clients, %d attempts, at most %d in a second, back: %s%n",
                what, CLIENTS, arrivals.size(), busiest, back);
    }

    private List<JsonObject> ask(String command, Object argument) throws Exception {
        for (ChildProcess node : nodes) {
            node.say(new JsonArray().add(command).add(argument).encode());
        }
        List<JsonObject> answers = new ArrayList<>();
        for (ChildProcess node : nodes) {
            answers.add(new JsonObject(node.hear(120)));
        }
        return answers;
    }

    private List<String> control(String action, String json) throws Exception {
        List<String> answers = new ArrayList<>();
        for (String control : controls) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(control + action))
                            .POST(BodyPublishers.ofString(json))
                            .build();
            answers.add(HTTP.send(request, BodyHandlers.ofString()).body());
        }
        return answers;
    }
}
