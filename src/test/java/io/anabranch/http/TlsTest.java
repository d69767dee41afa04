package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.TestCertificate;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a certificate, SSE and REST go over HTTP/2. */
class TlsTest {
    @TempDir Path directory;
    private TestCertificate certificate;
    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        certificate = TestCertificate.create(directory);
        hub = new TestHub().tls(certificate.cert(), certificate.key()).heartbeat(1_000);
        hub.start();
    }

    @AfterEach
    void stop() throws Exception {
        hub.stop();
    }

    @Test
    void manyStreamsShareOneConnectionWithTheirPublisher() throws Exception {
        HttpClient client = client();
        List<Stream<String>> streams = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            HttpResponse<Stream<String>> response =
                    client.send(
                            request("/sse?channel=chat:*").GET().build(), BodyHandlers.ofLines());
            assertThat(response.version()).isEqualTo(Version.HTTP_2);
            assertThat(response.statusCode()).isEqualTo(200);
            streams.add(response.body());
        }
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            var published =
                    client.send(
                            request("/api/v1/channels/chat:a/messages")
                                    .header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString("\"n" + i + "\""))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(published.version()).isEqualTo(Version.HTTP_2);
            ids.add(new JsonObject(published.body()).getString("id"));
        }
        for (Stream<String> stream : streams) {
            assertThat(stream.filter(line -> line.startsWith("data: n")).limit(10))
                    .containsExactly(
                            "data: n0",
                            "data: n1",
                            "data: n2",
                            "data: n3",
                            "data: n4",
                            "data: n5",
                            "data: n6",
                            "data: n7",
                            "data: n8",
                            "data: n9");
        }
        assertThat(ids).doesNotHaveDuplicates();
    }

    @Test
    void aStreamGoesOnAfterItsCursor() throws Exception {
        HttpClient client = client();
        String first = publish(client, "first");
        publish(client, "second");
        var response =
                client.send(
                        request("/sse?channel=chat:a").header("Last-Event-ID", first).build(),
                        BodyHandlers.ofLines());
        assertThat(response.version()).isEqualTo(Version.HTTP_2);
        assertThat(response.body().filter(line -> line.matches("data: [^{].*")).findFirst())
                .hasValue("data: second");
    }

    @Test
    void aQuietStreamGetsHeartbeats() throws Exception {
        HttpClient client = client();
        String id = publish(client, "before");
        var response = client.send(request("/sse?channel=chat:a").build(), BodyHandlers.ofLines());
        assertThat(response.version()).isEqualTo(Version.HTTP_2);
        // The first one is where the stream begins.
        assertThat(response.body().filter(line -> line.startsWith("id: ")).limit(3))
                .containsOnly("id: " + id)
                .hasSize(3);
    }

    @Test
    void browsersAreToldToStayWithTls() throws Exception {
        var response =
                client().send(request("/health/live").GET().build(), BodyHandlers.discarding());
        assertThat(response.headers().firstValue("Strict-Transport-Security"))
                .hasValue("max-age=31536000");
    }

    @Test
    void theHubsOwnOriginIsHttps() throws Exception {
        String host = hub.uri("").getAuthority();
        var own = request("/health/live").header("Origin", "https://" + host).build();
        var plain = request("/health/live").header("Origin", "http://" + host).build();
        assertThat(client().send(own, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
        assertThat(client().send(plain, BodyHandlers.discarding()).statusCode()).isEqualTo(403);
    }

    @Test
    void aStreamThatIsNotReadCatchesUpFromTheLog() throws Exception {
        HttpClient client = client();
        var response =
                client.send(
                        request("/sse?channel=chat:a").GET().build(), BodyHandlers.ofInputStream());
        String padding = "y".repeat(2_000);
        for (int i = 0; i < 1_000; i++) {
            client.send(
                    request("/api/v1/channels/chat:a/messages")
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString("\"" + i + " " + padding + "\""))
                            .build(),
                    BodyHandlers.discarding());
        }
        try (var reader =
                new BufferedReader(
                        new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (int i = 0; i < 1_000; i++) {
                String line = reader.readLine();
                while (!line.endsWith(padding)) {
                    line = reader.readLine();
                }
                assertThat(line).startsWith("data: " + i + " ");
            }
        }
    }

    /** On chat:a; gives the id. */
    private String publish(HttpClient client, String text) throws Exception {
        HttpRequest request =
                request("/api/v1/channels/chat:a/messages")
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString(text))
                        .build();
        String answer = client.send(request, BodyHandlers.ofString()).body();
        return new JsonObject(answer).getString("id");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(hub.uri(path))
                .header("Authorization", "Bearer " + hub.token("alice"));
    }

    private HttpClient client() throws Exception {
        return HttpClient.newBuilder()
                .version(Version.HTTP_2)
                .sslContext(certificate.trusting())
                .build();
    }
}
