package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.anabranch.testing.Raw;
import io.anabranch.testing.Raw.Answer;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A browser sends the cookie whichever page asks: the hub has to know which one that was. */
class TokenCookieTest {
    private static final String ALLOWED = "https://app.example";
    private static final String NAME = "__Host-token";
    private static final String HISTORY = "/api/v1/channels/chat:a/messages";
    private static final String TICKETS = "/api/v1/tickets";

    @RegisterExtension final TestHub hub = new TestHub().origins(ALLOWED).cookie(NAME);
    @RegisterExtension final TestHub without = new TestHub();

    @Test
    void carriesTheTokenOverEachTransport() throws Exception {
        assertThat(get(HISTORY, "Sec-Fetch-Site: same-origin").status()).isEqualTo(200);
        assertThat(post(own()).status()).isEqualTo(201);
        assertThat(post("Origin: " + ALLOWED).status()).isEqualTo(201);
        try (SseReader stream =
                new SseReader(hub, "/sse?channel=chat:a", "", "Cookie", cookie("alice"))) {
            assertThat(stream.status()).isEqualTo(200);
        }
        assertThat(readyOver(ALLOWED)).contains("\"user\":\"alice\"");
    }

    @Test
    void countsForNothingWithoutAnOriginWhereItCouldChangeSomething() throws Exception {
        for (String site : List.of("X: 1", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none")) {
            refused(post(site), "Origin: missing (expected: one");
        }
        assertThat(upgradeStatus("Cookie", cookie("alice"))).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "https://evil.example", "http://app.example"})
    void countsForNothingFromForeignPages(String origin) throws Exception {
        String line = "Origin: " + origin;

        refused(post(line), "one of http.origins");
        refused(get(HISTORY, line), "one of http.origins");
        refused(get("/sse?channel=chat:a", line), "one of http.origins");
        assertThat(upgradeStatus("Cookie", cookie("alice"), "Origin", origin)).isEqualTo(403);
    }

    @Test
    void countsForNothingWhereTheBrowserSaysThatAnotherSiteAsks() throws Exception {
        for (String path : List.of(HISTORY, "/sse?channel=chat:a")) {
            for (String site : List.of("cross-site", "same-site", "else", "")) {
                refused(get(path, "Sec-Fetch-Site: " + site), "Sec-Fetch-Site: \"" + site + "\"");
            }
        }
        assertThat(get(HISTORY, "Sec-Fetch-Site: none").status()).isEqualTo(200);
        assertThat(get(HISTORY).status()).isEqualTo(200);
    }

    @Test
    void isNotAskedWhereAnotherTokenIsShown() throws Exception {
        String bearer = "Authorization: Bearer " + hub.token("bob");

        assertThat(post(bearer).status()).isEqualTo(201);
        assertThat(upgradeStatus("Cookie", cookie("alice"), "Authorization", "Bearer " + "nope"))
                .isEqualTo(101);
    }

    @Test
    void isRefusedWhenThereAreTwo() throws Exception {
        String two = "Cookie: " + cookie("alice") + "; " + cookie("mallory");

        Answer answer = Raw.send(hub, "GET", HISTORY, two);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("2 of the name __Host-token (expected: one)");
    }

    @Test
    void isNobodysWhenItIsEmptyAndRefusedWhenItIsNoGood() throws Exception {
        assertThat(Raw.send(hub, "POST", TICKETS, "Cookie: " + NAME + "=", own()).body())
                .contains("no token");
        Answer bad = Raw.send(hub, "POST", TICKETS, "Cookie: " + NAME + "=nope", own());
        assertThat(bad.status()).isEqualTo(401);
        assertThat(bad.body()).contains("not a signed JWT");
    }

    @Test
    void isNothingWhereNoneIsConfigured() throws Exception {
        String line = "Cookie: " + NAME + "=" + without.token("alice");

        assertThat(Raw.send(without, "GET", HISTORY, line).status()).isEqualTo(401);
    }

    private static void refused(Answer answer, String why) {
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).contains(why.replace("\"", "\\\""));
    }

    private Answer get(String path, String... headers) throws Exception {
        return send("GET", path, headers);
    }

    private Answer post(String... headers) throws Exception {
        return send("POST", TICKETS, headers);
    }

    private Answer send(String method, String path, String... headers) throws Exception {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Cookie: theme=dark; " + cookie("alice"));
        return Raw.send(hub, method, path, all.toArray(String[]::new));
    }

    private String own() {
        return "Origin: http://127.0.0.1:" + hub.port();
    }

    private String cookie(String user) {
        return NAME + "=" + hub.token(user);
    }

    private String readyOver(String origin) throws Exception {
        BlockingQueue<String> frames = new LinkedBlockingQueue<>();
        WebSocket.Listener listener =
                new WebSocket.Listener() {
                    @Override
                    public @Nullable CompletionStage<?> onText(
                            WebSocket socket, CharSequence data, boolean last) {
                        frames.add(data.toString());
                        return null;
                    }
                };
        WebSocket socket = upgrade(listener, "Cookie", cookie("alice"), "Origin", origin);
        String ready = String.valueOf(frames.poll(10, TimeUnit.SECONDS));
        socket.abort();
        return ready;
    }

    private int upgradeStatus(String... headers) {
        Throwable failure =
                catchThrowable(() -> upgrade(new WebSocket.Listener() {}, headers).abort());
        if (failure == null) {
            return 101;
        }
        assertThat(failure).isInstanceOf(ExecutionException.class);
        assertThat(failure.getCause()).isInstanceOf(WebSocketHandshakeException.class);
        return ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode();
    }

    private WebSocket upgrade(WebSocket.Listener listener, String... headers) throws Exception {
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        URI uri = URI.create("ws://127.0.0.1:" + hub.port() + "/ws");
        return builder.buildAsync(uri, listener).get(10, TimeUnit.SECONDS);
    }
}
