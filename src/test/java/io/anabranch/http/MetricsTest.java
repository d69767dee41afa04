package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the management port tells of a hub that is used. */
class MetricsTest {
    @RegisterExtension final TestHub hub = new TestHub().retain("short:*", 2);

    private final HttpClient client = HttpClient.newHttpClient();

    private HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + hub.managementPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    /** The sum over all series of that name whose labels contain {@code label}. */
    private double value(String name, String label) throws Exception {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.matches(name + "(\\{.*)? .*") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void areTheDocumentedOnes() throws Exception {
        HttpResponse<String> answer = get("/metrics");
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/plain; version=0.0.4");
        Set<String> served = names("(?m)^# TYPE (anabranch_\\w+)", answer.body());
        // A histogram's largest value is a series of its own.
        served.remove("anabranch_append_seconds_max");
        // It begins with the first call.
        served.add("anabranch_calls_total");

        String documented = Files.readString(Path.of("docs/metrics.md"));
        assertThat(names("(?m)^\\| `(anabranch_\\w+)`", documented)).isEqualTo(served);
        assertThat(answer.body())
                .contains("jvm_memory_used_bytes", "jvm_threads_live_threads")
                .contains("process_files_open_files", "process_uptime_seconds");
    }

    @Test
    void areWhatTheDashboardShows() throws Exception {
        String dashboard = Files.readString(Path.of("docs/grafana.json"));
        Set<String> shown = names("\\b((?:anabranch|jvm|process)_\\w+)", dashboard);
        Set<String> served = names("(?m)^(\\w+)", get("/metrics").body());
        assertThat(shown).hasSizeGreaterThan(15);
        assertThat(served).containsAll(shown);
    }

    private static Set<String> names(String pattern, String text) {
        Set<String> names = new TreeSet<>();
        Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .forEach(names::add);
        return names;
    }

    @Test
    void countConnectionsAndWhatTheyAreSent() throws Exception {
        Rest rest = new Rest(hub, hub.token("alice"));
        try (SseReader sse = new SseReader(hub, "/sse?channel=a", hub.token("bob"));
                WsClient socket = new WsClient(hub, "/ws?channel=a", hub.token("carol"))) {
            socket.next("ready");
            sse.next();
            assertThat(value("anabranch_connections", "sse")).isEqualTo(1);
            assertThat(value("anabranch_connections", "websocket")).isEqualTo(1);
            rest.publish("a", "1");
            rest.publish("a", "2");
            sse.messages(2);
            socket.next("message");
            socket.next("message");
        }
        // What is asked for its value must still be there.
        System.gc();
        assertThat(value("anabranch_messages_delivered_total", "sse")).isEqualTo(2);
        assertThat(value("anabranch_messages_delivered_total", "websocket")).isEqualTo(2);
        assertThat(value("anabranch_sent_bytes_total", "sse")).isGreaterThan(100);
        assertThat(value("anabranch_messages_published_total", "")).isEqualTo(2);
        assertThat(value("anabranch_append_seconds_count", "")).isEqualTo(2);
        assertThat(value("anabranch_log_head", "")).isEqualTo(2);
        await().until(() -> value("anabranch_connections", "") == 0);
        assertThat(value("anabranch_connections_closed_total", "reason=\"client\"")).isEqualTo(2);
        assertThat(value("anabranch_connections_opened_total", "")).isEqualTo(2);
    }

    @Test
    void countReplaysGapsAndRepeats() throws Exception {
        Rest rest = new Rest(hub, hub.token("alice"));
        String first = rest.publish("short:a", "1");
        for (int i = 2; i <= 5; i++) {
            rest.publish("short:a", "" + i);
        }
        rest.post("short:a", "application/json", "6", "Idempotency-Key", "k");
        assertThat(
                        rest.post("short:a", "application/json", "6", "Idempotency-Key", "k")
                                .statusCode())
                .isEqualTo(200);
        try (SseReader sse =
                new SseReader(hub, "/sse?channel=short:a&after=" + first, hub.token("bob"))) {
            assertThat(sse.message().event()).isEqualTo("hub.gap");
            sse.messages(2);
        }
        assertThat(value("anabranch_gaps_total", "expired")).isEqualTo(1);
        assertThat(value("anabranch_replays_total", "")).isEqualTo(1);
        assertThat(value("anabranch_messages_replayed_total", "sse")).isEqualTo(2);
        assertThat(value("anabranch_dedup_hits_total", "")).isEqualTo(1);
    }

    @Test
    void countRefusalsByWhatAskedAndWhy() throws Exception {
        Rest nobody = new Rest(hub, "");
        assertThat(nobody.post("a", "application/json", "1").statusCode()).isEqualTo(401);
        assertThat(nobody.get("/nowhere").statusCode()).isEqualTo(404);
        Rest rest = new Rest(hub, hub.token("alice"));
        String large = "\"" + "x".repeat(70_000) + "\"";
        assertThat(rest.post("a", "application/json", large).statusCode()).isEqualTo(413);
        rest.send("/api/v1/messages", "application/json", "[{\"channel\":\"a\"}]");
        try (WsClient socket = new WsClient(hub, "/ws", hub.token("carol"))) {
            socket.send("{\"type\":\"frobnicate\"}");
            socket.next("error");
        }
        try (WsClient socket = new WsClient(hub, "/ws?channel=a", "")) {
            socket.next("close");
        }
        assertThat(refusals("request", "unauthorized")).isEqualTo(1);
        assertThat(refusals("request", "not_found")).isEqualTo(1);
        assertThat(refusals("request", "too_large")).isEqualTo(1);
        assertThat(refusals("item", "bad_request")).isEqualTo(1);
        assertThat(refusals("frame", "bad_request")).isEqualTo(1);
        assertThat(refusals("upgrade", "unauthorized")).isEqualTo(1);
        assertThat(value("anabranch_publish_refusals_total", "unauthorized")).isEqualTo(1);
        assertThat(value("anabranch_limits_exceeded_total", "\"limits.message\"")).isEqualTo(1);
    }

    private double refusals(String of, String code) throws Exception {
        return value("anabranch_refusals_total", "code=\"" + code + "\",of=\"" + of + "\"");
    }

    @Test
    void areNotForClients() throws Exception {
        assertThat(new Rest(hub, "").get("/metrics").statusCode()).isEqualTo(404);
    }

    @Test
    void healthIsAnsweredOnTheSamePort() throws Exception {
        assertThat(get("/health/live").body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    }
}
