package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Raw;
import io.anabranch.testing.Raw.Answer;
import io.anabranch.testing.TestHub;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which web pages may use the hub: SSE, WebSocket and REST alike. */
class OriginsTest {
    private static final String ALLOWED = "https://app.example";
    private static final List<String> FOREIGN =
            List.of(
                    "null",
                    "https://evil.example",
                    "http://app.example",
                    "https://app.example:8443",
                    "https://app.example.evil.example",
                    "https://evil-app.example",
                    "https://APP.example",
                    "https://app.example/",
                    "https://app.example https://evil.example",
                    "*",
                    "");
    private static final String[] UPGRADE = {
        "Upgrade: websocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    };

    @RegisterExtension final TestHub hub = new TestHub().origins(ALLOWED);
    @RegisterExtension final TestHub closed = new TestHub();

    @ParameterizedTest
    @ValueSource(
            strings = {"/sse?channel=a", "/api/v1/channels/a/messages", "/ws", "/anabranch.js"})
    void areComparedExactlyWhateverIsAskedFor(String path) throws Exception {
        for (String origin : FOREIGN) {
            for (TestHub asked : List.of(hub, closed)) {
                Answer answer = get(asked, path, origin);
                assertThat(answer.status()).as(origin).isEqualTo(403);
                assertThat(answer.body()).contains("one of http.origins");
                assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
            }
        }
    }

    @Test
    void aForeignPageIsRefusedBeforeTheUpgrade() throws Exception {
        for (String origin : FOREIGN) {
            assertThat(upgrade(hub, origin).status()).as(origin).isEqualTo(403);
            assertThat(upgrade(closed, origin).status()).as(origin).isEqualTo(403);
        }
        assertThat(upgrade(closed, ALLOWED).status()).isEqualTo(403);
    }

    @Test
    void anAllowedPageIsUpgraded() throws Exception {
        URI uri = URI.create("ws://127.0.0.1:" + hub.port() + "/ws");
        WebSocket socket =
                HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .header("Origin", ALLOWED)
                        .buildAsync(uri, new WebSocket.Listener() {})
                        .get(10, TimeUnit.SECONDS);
        assertThat(socket.isInputClosed()).isFalse();
        socket.abort();
    }

    @Test
    void thePagesThatAreAllowedMayRead() throws Exception {
        for (String path : List.of("/anabranch.js", "/api/v1/channels/a/messages", "/sse")) {
            Answer answer = get(hub, path, ALLOWED);
            assertThat(answer.status()).isNotEqualTo(403);
            assertThat(answer.header("Access-Control-Allow-Origin")).containsExactly(ALLOWED);
            assertThat(answer.header("Access-Control-Allow-Credentials")).containsExactly("true");
            assertThat(answer.header("Access-Control-Expose-Headers").toString())
                    .contains("retry-after", "www-authenticate");
        }
    }

    @Test
    void aCacheKeepsTheirAnswersApart() throws Exception {
        assertThat(get(hub, "/anabranch.js", ALLOWED).header("Vary")).contains("origin");
        assertThat(Raw.send(hub, "GET", "/anabranch.js").header("Vary")).contains("origin");
    }

    @Test
    void theHubsOwnPagesMayAlways() throws Exception {
        for (TestHub asked : List.of(hub, closed)) {
            String own = "http://127.0.0.1:" + asked.port();
            assertThat(get(asked, "/anabranch.js", own).status()).isEqualTo(200);
            assertThat(get(asked, "/anabranch.js", own.replace("http:", "https:")).status())
                    .isEqualTo(403);
        }
    }

    @Test
    void preflightsAreAnsweredForAllowedPagesAlone() throws Exception {
        Answer answer = preflight(ALLOWED);

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Access-Control-Allow-Origin")).containsExactly(ALLOWED);
        assertThat(answer.header("Access-Control-Allow-Credentials")).containsExactly("true");
        assertThat(answer.header("Access-Control-Allow-Methods").toString())
                .contains("get", "post", "delete")
                .doesNotContain("*");
        assertThat(answer.header("Access-Control-Allow-Headers").toString())
                .contains("authorization", "content-type", "idempotency-key", "last-event-id")
                .doesNotContain("*");
        assertThat(answer.header("Access-Control-Max-Age")).containsExactly("3600");
        for (String origin : FOREIGN) {
            assertThat(preflight(origin).status()).as(origin).isEqualTo(403);
        }
    }

    private Answer preflight(String origin) throws Exception {
        return Raw.send(
                hub,
                "OPTIONS",
                "/api/v1/messages",
                "Origin: " + origin,
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization,idempotency-key");
    }

    private static Answer get(TestHub hub, String path, String origin) throws Exception {
        return Raw.send(hub, "GET", path, "Origin: " + origin);
    }

    private static Answer upgrade(TestHub hub, String origin) throws Exception {
        String[] headers = Arrays.copyOf(UPGRADE, UPGRADE.length + 1);
        headers[UPGRADE.length] = "Origin: " + origin;
        return Raw.send(hub, "GET", "/ws", headers);
    }
}
