package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.KeptConnection;
import io.anabranch.testing.Raw;
import io.anabranch.testing.Scrape;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On a connection that has published, further posts are answered as on a new one. */
abstract class DirectPublishContract {
    private static final int LARGEST = 6_000;
    private static final String JSON = "Content-Type: application/json";

    @RegisterExtension final TestHub hub;

    private String bearer = "";

    DirectPublishContract(TestHub hub) {
        this.hub = hub.maxMessage(LARGEST).origins("https://page.example").cookie("token");
    }

    @BeforeEach
    void showsAToken() {
        bearer =
                "Authorization: Bearer "
                        + hub.token("ann", List.of("*"), List.of("chat:*"), Duration.ofMinutes(5));
    }

    @Test
    void whateverIsPostedIsAnsweredTheSame() throws Exception {
        List<String> requests = new ArrayList<>(published());
        requests.addAll(refused());
        for (String request : requests) {
            assertThat(afterAnother(request))
                    .as(request)
                    .usingRecursiveComparison()
                    .isEqualTo(onItsOwn(request));
        }
    }

    private List<String> published() {
        return List.of(
                post("chat:a", "{\"a\":[1,2.50]}", JSON, bearer),
                post("chat:a", "\"é\"", "content-type: Application/JSON; charset=utf-8", bearer),
                post("chat:a", "some text", "Content-Type: text/plain", bearer),
                post("chat:a", " 1 ", JSON, bearer, "Connection: keep-alive"),
                post("chat:a", "\"" + "x".repeat(LARGEST - 2) + "\"", JSON, bearer),
                post("chat:a/b", "1", JSON, bearer),
                post("chat%3Aa", "1", JSON, bearer),
                post("chat:a", "1", JSON, bearer, "Origin: https://page.example"),
                post("chat:a", "1", JSON, "Cookie: token=" + bearer.substring(22), bearer));
    }

    private List<String> refused() {
        String expired = hub.token("ann", List.of(), List.of("*"), Duration.ofSeconds(-5));
        return List.of(
                post("chat:a", "{", JSON, bearer),
                post("chat:a", "", JSON, bearer),
                post("chat:a", "1", bearer),
                post("chat:a", "1", "Content-Type: image/png", bearer),
                post("chat:a", "\"" + "x".repeat(LARGEST) + "\"", JSON, bearer),
                post("chat:a", "\"" + "x".repeat(2 * LARGEST) + "\"", JSON, bearer),
                post("news:a", "1", JSON, bearer),
                post("chat:a", "1", JSON),
                post("chat:a", "1", JSON, "Authorization: Bearer nonsense"),
                post("chat:a", "1", JSON, "Authorization: Bearer " + expired),
                post("chat:a", "1", JSON, "Cookie: token=" + bearer.substring(22)),
                post("chat:a", "1", JSON, bearer, "Origin: https://other.example"),
                post("chat:a", "1", JSON, bearer, "Idempotency-Key: " + "k".repeat(256)),
                post("chat a", "1", JSON, bearer),
                post("..", "1", JSON, bearer),
                post("chat:a/../x", "1", JSON, bearer),
                post("", "1", JSON, bearer),
                post("chat:a", "1", JSON, bearer).replace("/messages", "/messages?token=x"));
    }

    @Test
    void aRepeatIsToldItsFirstId() throws Exception {
        try (KeptConnection connection = publishing()) {
            String once = post("chat:a", "1", JSON, bearer, "Idempotency-Key: once");
            connection.send(once + once);
            Raw.Answer first = connection.answer();
            Raw.Answer again = connection.answer();
            assertThat(first.status()).isEqualTo(201);
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.body()).isEqualTo(first.body());
        }
    }

    @Test
    void whatIsPublishedAndRefusedIsCounted() throws Exception {
        try (KeptConnection connection = publishing()) {
            connection.send(post("chat:a", "1", JSON, bearer) + post("news:a", "1", JSON, bearer));
            assertThat(connection.answer().status()).isEqualTo(201);
            assertThat(connection.answer().status()).isEqualTo(403);
        }
        assertThat(Scrape.sum(hub, "anabranch_messages_published_total", "")).isEqualTo(2);
        assertThat(Scrape.sum(hub, "anabranch_refusals_total", "forbidden")).isEqualTo(1);
        assertThat(Scrape.sum(hub, "anabranch_publish_refusals_total", "forbidden")).isEqualTo(1);
    }

    @Test
    void answersKeepTheOrderOfTheRequests() throws Exception {
        String get = "GET /api/v1/channels/chat:a/messages HTTP/1.1\r\nHost: h\r\n" + bearer;
        try (KeptConnection connection = publishing()) {
            String post = post("chat:a", "1", JSON, bearer);
            connection.send(post + get + "\r\n\r\n" + post + post);
            long before = seq(connection.answer());
            JsonObject history = new JsonObject(connection.answer().body());
            assertThat(history.getJsonArray("messages")).hasSize(2);
            assertThat(seq(connection.answer())).isEqualTo(before + 1);
            assertThat(seq(connection.answer())).isEqualTo(before + 2);
        }
    }

    @Test
    void moreThanIsReadAtOnceIsAnsweredInOrder() throws Exception {
        int posts = 60;
        String large = post("chat:a", "\"" + "x".repeat(LARGEST - 2) + "\"", JSON, bearer);
        try (KeptConnection connection = publishing()) {
            Thread sending = new Thread(() -> send(connection, large.repeat(posts)));
            sending.start();
            long first = seq(connection.answer());
            for (int i = 1; i < posts; i++) {
                assertThat(seq(connection.answer())).isEqualTo(first + i);
            }
            sending.join();
        }
    }

    @Test
    void whoeverLeavesBeforeTheAnswerHasPublished() throws Exception {
        String post = post("chat:b", "1", JSON, bearer);
        try (SseReader reader = new SseReader(hub, "/sse?channel=chat:b", hub.token("bob"))) {
            reader.next();
            try (KeptConnection connection = publishing()) {
                connection.send(post + post + post);
            }
            assertThat(reader.message().data()).isEqualTo("1");
        }
    }

    @Test
    void readersGetWhatIsPublished() throws Exception {
        try (KeptConnection connection = publishing();
                SseReader reader = new SseReader(hub, "/sse?channel=chat:b", hub.token("bob"))) {
            reader.next();
            connection.send(post("chat:b", "{\"n\":1.0}", JSON, bearer));
            String id = new JsonObject(connection.answer().body()).getString("id");
            SseReader.Block event = reader.message();
            assertThat(event.id()).isEqualTo(id);
            assertThat(event.data()).isEqualTo("{\"n\":1.0}");
        }
    }

    private static void send(KeptConnection connection, String bytes) {
        try {
            connection.send(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long seq(Raw.Answer answer) {
        String id = new JsonObject(answer.body()).getString("id");
        return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }

    private Raw.Answer onItsOwn(String request) throws Exception {
        try (KeptConnection connection = new KeptConnection(hub)) {
            connection.send(request);
            return withoutId(connection.answer());
        }
    }

    private Raw.Answer afterAnother(String request) throws Exception {
        try (KeptConnection connection = publishing()) {
            connection.send(request);
            return withoutId(connection.answer());
        }
    }

    /** One on which something has been published. */
    private KeptConnection publishing() throws Exception {
        KeptConnection connection = new KeptConnection(hub);
        connection.send(post("chat:a", "0", JSON, bearer));
        assertThat(connection.answer().status()).isEqualTo(201);
        return connection;
    }

    private static Raw.Answer withoutId(Raw.Answer answer) {
        return new Raw.Answer(
                answer.status(),
                answer.head().stream()
                        .map(line -> line.startsWith("content-length") ? "content-length" : line)
                        .sorted()
                        .toList(),
                answer.body().replaceAll("\"id\":\"[^\"]*\"", "\"id\"").replaceAll("exp.*", ""));
    }

    private static String post(String channel, String body, String... headers) {
        int length = body.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        return "POST /api/v1/channels/%s/messages HTTP/1.1\r\nHost: h\r\n%s\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(channel, String.join("\r\n", headers), length, body);
    }
}
