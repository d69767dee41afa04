package io.anabranch.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.auth.Grants;
import io.anabranch.config.Config;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vert.x' own clients for JavaScript, the present one and the one before, unchanged. */
class IndependentClientsTest {
    private static final Path NODE = Path.of("src/test/js-independent");

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .verticles(Echo.class.getName())
                    .protocols(new Config.Protocols(null, new BridgeOptions("/eventbus")));

    @ParameterizedTest
    @CsvSource({
        "@vertx/eventbus-bridge-client.js, websocket",
        "@vertx/eventbus-bridge-client.js, xhr-streaming",
        "@vertx/eventbus-bridge-client.js, xhr-polling",
        "vertx3-eventbus-client, websocket",
        "vertx3-eventbus-client, xhr-streaming"
    })
    void publishAndReceiveAndCall(String library, String transport) throws Exception {
        JsonObject seen = talk(library, transport);
        JsonArray history = new Rest(hub, hub.token("bob")).history("chat:lobby", "");
        JsonObject stored = history.getJsonObject(0);
        assertThat(seen.getJsonObject("stored").getString("id")).isEqualTo(stored.getString("id"));
        assertThat(stored.getString("user")).isEqualTo("alice");
        assertThat(seen.getJsonArray("received"))
                .isEqualTo(new JsonArray().add(new JsonObject().put("text", "hi")).add("end"));
        assertThat(seen.getJsonObject("answer")).isEqualTo(new JsonObject("{\"book\":3}"));
        assertThat(seen.getJsonObject("nobody").getInteger("failureCode")).isEqualTo(404);
        assertThat(seen.getJsonObject("nobody").getString("failureType")).isEqualTo("NO_HANDLERS");
        assertThat(seen.getJsonObject("refused").getInteger("failureCode")).isEqualTo(403);
        assertThat(seen.getJsonObject("refused").getString("message"))
                .isEqualTo("no publish permission for secret:a");
        Rest admin = new Rest(hub, hub.adminToken());
        await().untilAsserted(
                        () ->
                                assertThat(
                                                new JsonObject(admin.get("/api/v1/sessions").body())
                                                        .getJsonArray("sessions"))
                                        .isEmpty());
    }

    private JsonObject talk(String library, String transport) throws Exception {
        List<String> chat = List.of("chat:*");
        Grants grants = new Grants(chat, chat, List.of(), List.of("*"), false);
        String url = hub.uri("/eventbus").toString();
        ProcessBuilder builder =
                new ProcessBuilder("node", "bridge.js", library, url, transport)
                        .directory(NODE.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("TOKEN", hub.token("alice", grants, Duration.ofMinutes(5)));
        builder.environment().put("NO_PROXY", "127.0.0.1");
        Process node = builder.start();
        try {
            assertThat(node.waitFor(30, TimeUnit.SECONDS)).as("it ends by itself").isTrue();
            return new JsonObject(
                    new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } finally {
            node.destroyForcibly();
        }
    }
}
