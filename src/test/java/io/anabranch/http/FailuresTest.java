package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.auth.Grants;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What throws inside fails the one who asked for it, is counted, and harms nobody else. */
class FailuresTest {
    private static final String JSON = "application/json";

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .retain("chat:*", 100)
                    .failingElsewhere()
                    .verticles(Broken.class.getName())
                    .serviceTimeout(500);

    private Rest rest;
    private SseReader stream;
    private WsClient socket;

    /** A service that throws, one that works, and one that passes its data on to the hub. */
    public static final class Broken extends VerticleBase {
        @Override
        public Future<?> start() {
            vertx.eventBus()
                    .consumer(
                            "service.broken",
                            request -> {
                                throw new IllegalStateException("broken on purpose");
                            });
            vertx.eventBus().consumer("service.whole", request -> request.reply("here"));
            vertx.eventBus().<JsonObject>consumer("service.publish", this::publish);
            return Future.succeededFuture();
        }

        private void publish(Message<JsonObject> request) {
            vertx.eventBus()
                    .<JsonObject>request("anabranch.publish", request.body().getValue("data"))
                    .onSuccess(answer -> request.reply(answer.body()))
                    .onFailure(
                            failure ->
                                    request.fail(
                                            ((ReplyException) failure).failureCode(),
                                            failure.getMessage()));
        }
    }

    @BeforeEach
    void connectNeighbours() throws Exception {
        List<String> all = List.of("*");
        Grants alice = new Grants(all, all, List.of(), all, false);
        rest = new Rest(hub, hub.token("alice", alice, Duration.ofMinutes(5)));
        stream = new SseReader(hub, "/sse?channel=chat:a", hub.token("bob"));
        socket = new WsClient(hub, "/ws?channel=chat:a", hub.token("bob"));
        stream.next();
        socket.next("ready");
    }

    @AfterEach
    void neighboursAreUnharmed() throws Exception {
        String id = rest.publish("chat:a", "1");
        assertThat(stream.message().id()).isEqualTo(id);
        assertThat(socket.next("message").getString("id")).isEqualTo(id);
        await().until(() -> value("anabranch_connections", "") == 2);
        stream.close();
        socket.close();
    }

    @Test
    void aPublisherIsToldThatTheLogThrew() throws Exception {
        HttpResponse<String> alone = rest.post("broken", JSON, "1");
        assertInternal(alone.statusCode(), new JsonObject(alone.body()));

        JsonArray items = new JsonArray().add(item("broken")).add(item("chat:b"));
        JsonArray results =
                new JsonArray(rest.send("/api/v1/messages", JSON, items.encode()).body());
        assertInternal(500, results.getJsonObject(0));
        assertThat(results.getJsonObject(1).getString("id")).isNotEmpty();

        socket.send(item("broken").put("type", "publish").put("ref", 1).encode());
        assertInternal(500, socket.next("error"));

        assertThat(value("anabranch_publish_refusals_total", "internal")).isEqualTo(3);
        assertThat(value("anabranch_refusals_total", "internal")).isEqualTo(3);
        assertThat(value("anabranch_log_appends_waiting", "")).isZero();
    }

    @Test
    void aVerticleIsToldWhatBecameOfItsMessage() throws Exception {
        String publish = "/api/v1/services/publish";
        HttpResponse<String> thrown = rest.send(publish, JSON, item("broken").encode());
        assertInternal(thrown.statusCode(), new JsonObject(thrown.body()));
        HttpResponse<String> refused = rest.send(publish, JSON, "{\"channel\":\"chat:b\"}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("data: missing (expected: any JSON value)");
        assertThat(rest.send(publish, JSON, item("chat:b").encode()).body()).contains("\"id\"");

        assertThat(value("anabranch_refusals_total", "code=\"internal\",of=\"bus\"")).isEqualTo(1);
        assertThat(value("anabranch_refusals_total", "code=\"bad_request\",of=\"bus\""))
                .isEqualTo(1);
        assertThat(value("anabranch_publish_refusals_total", "")).isEqualTo(2);
    }

    private static JsonObject item(String channel) {
        return new JsonObject().put("channel", channel).put("data", 1);
    }

    private static void assertInternal(int status, JsonObject refusal) {
        assertThat(status).isEqualTo(500);
        assertThat(refusal.getInteger("status")).isEqualTo(500);
        assertThat(refusal.getString("code")).isEqualTo("internal");
        assertThat(refusal.getString("message")).isEqualTo("the hub failed; its log says why");
    }

    @Test
    void aWebSocketThatCannotBeginIsClosed() throws Exception {
        try (var broken = new WsClient(hub, "/ws?channel=broken", hub.token("carol"))) {
            assertThat(broken.closeCode()).isEqualTo(4503);
        }
        assertThat(value("anabranch_refusals_total", "code=\"internal\",of=\"upgrade\""))
                .isEqualTo(1);
    }

    @Test
    void anEventStreamThatCannotBeginEnds() throws Exception {
        try (var broken = new SseReader(hub, "/sse?channel=broken", hub.token("carol"))) {
            assertThat(broken.message().event()).isEqualTo("end of stream");
        }
    }

    @Test
    void aServiceThatThrowsIsSilentAndCounted() throws Exception {
        HttpResponse<String> answer = rest.send("/api/v1/services/broken", JSON, "1");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(value("anabranch_failures_total", "")).isEqualTo(1);
        assertThat(rest.send("/api/v1/services/whole", JSON, "1").body())
                .isEqualTo("{\"data\":\"here\"}");
    }

    /** The sum over all series of that name whose labels contain {@code label}. */
    private double value(String name, String label) throws Exception {
        URI metrics = URI.create("http://127.0.0.1:" + hub.managementPort() + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.matches(name + "(\\{.*)? .*") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }
}
