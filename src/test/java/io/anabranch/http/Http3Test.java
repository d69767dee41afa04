package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.Scrape;
import io.anabranch.testing.TestCertificate;
import io.anabranch.testing.TestHub;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/3, by Vert.x's own client. */
class Http3Test {
    /** Of 10 MB, in bytes: what Vert.x's client allows a stream, and what fills it. */
    private static final int MOST_SENT = 2_000_000;

    @TempDir Path directory;
    private final Vertx vertx = Vertx.vertx();
    private TestCertificate certificate;
    private TestHub hub;
    private HttpClientAgent client;

    @BeforeEach
    void start() throws Exception {
        certificate = TestCertificate.create(directory);
        hub = new TestHub().http3(certificate.cert(), certificate.key()).heartbeat(1_000);
        hub.start();
        client = client(certificate);
    }

    private HttpClientAgent client(TestCertificate trusted) {
        HttpClientConfig config = new HttpClientConfig().setVersions(HttpVersion.HTTP_3);
        return vertx.createHttpClient(
                config,
                new ClientSSLOptions()
                        .setTrustOptions(
                                new PemTrustOptions().addCertPath(trusted.cert().toString())));
    }

    @AfterEach
    void stop() throws Exception {
        get(client.close());
        hub.stop();
        get(vertx.close());
    }

    @Test
    void manyStreamsShareOneConnectionWithTheirPublisher() throws Exception {
        List<Stream> streams = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            streams.add(new Stream("/sse?channel=chat:*"));
        }
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ids.add(publish("n" + i));
        }
        for (Stream stream : streams) {
            assertThat(stream.version).isEqualTo(HttpVersion.HTTP_3);
            for (int i = 0; i < 10; i++) {
                assertThat(stream.nextData()).isEqualTo("n" + i);
            }
        }
        assertThat(ids).doesNotHaveDuplicates();
    }

    @Test
    void aStreamGoesOnAfterItsCursor() throws Exception {
        String first = publish("first");
        publish("second");
        Stream stream = new Stream("/sse?channel=chat:a", "Last-Event-ID", first);
        assertThat(stream.nextData()).isEqualTo("second");
    }

    @Test
    void aQuietStreamGetsHeartbeats() throws Exception {
        String id = publish("before");
        Stream stream = new Stream("/sse?channel=chat:a");
        assertThat(stream.nextLine("id: ")).isEqualTo("id: " + id);
        assertThat(stream.nextLine("id: ")).isEqualTo("id: " + id);
        assertThat(stream.nextLine("id: ")).isEqualTo("id: " + id);
    }

    @Test
    void aStreamThatIsNotReadCatchesUpFromTheLog() throws Exception {
        Stream stream = new Stream("/sse?channel=chat:a");
        stream.response.pause();
        String padding = "y".repeat(10_000);
        for (int i = 0; i < 1_000; i++) {
            publish(i + " " + padding);
        }
        stream.response.resume();
        for (int i = 0; i < 1_000; i++) {
            assertThat(stream.nextData()).startsWith(i + " ");
        }
    }

    @Test
    void aStreamThatIsNotReadIsSentNoMoreThanItsWindow() throws Exception {
        Stream stream = new Stream("/sse?channel=chat:a");
        stream.response.pause();
        String padding = "y".repeat(50_000);
        for (int i = 0; i < 200; i++) {
            publish(i + " " + padding);
        }
        assertThat(Scrape.sum(hub, "anabranch_sent_bytes_total", "sse")).isLessThan(MOST_SENT);
        stream.response.resume();
        for (int i = 0; i < 200; i++) {
            assertThat(stream.nextData()).startsWith(i + " ");
        }
    }

    @Test
    void newConnectionsGetTheCertificateThatTheFilesHaveNow() throws Exception {
        Stream stream = new Stream("/sse?channel=chat:a");
        Path elsewhere = Files.createDirectory(directory.resolve("after"));
        TestCertificate after = TestCertificate.create(elsewhere);
        Files.move(after.key(), certificate.key(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(after.cert(), certificate.cert(), StandardCopyOption.REPLACE_EXISTING);
        HttpClientAgent trusting = client(after);
        RequestOptions health =
                new RequestOptions()
                        .setHost("127.0.0.1")
                        .setPort(hub.port())
                        .setURI("/health/live");
        await().ignoreExceptions()
                .until(
                        () ->
                                get(trusting.request(health).compose(HttpClientRequest::send))
                                                .statusCode()
                                        == 200);
        publish("still here");
        assertThat(stream.nextData()).isEqualTo("still here");
        get(trusting.close());
    }

    @Test
    void filesAndRefusalsAreAnswered() throws Exception {
        assertThat(get(send(HttpMethod.GET, "/anabranch.js", "").compose(HttpClientResponse::body)))
                .asString()
                .contains("export");
        HttpClientResponse refused = get(send(HttpMethod.GET, "/sse?channel=%20", ""));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(get(refused.body()).toJsonObject().getString("code")).isEqualTo("bad_request");
        assertThat(get(send(HttpMethod.GET, "/ws", "")).statusCode()).isEqualTo(400);
    }

    @Test
    void itIsOfferedToClientsOfHttp2() throws Exception {
        HttpClient http2 = HttpClient.newBuilder().sslContext(certificate.trusting()).build();
        var response =
                http2.send(
                        HttpRequest.newBuilder(hub.uri("/health/live")).build(),
                        BodyHandlers.discarding());
        assertThat(response.headers().firstValue("Alt-Svc"))
                .hasValue("h3=\":" + hub.port() + "\"; ma=86400");
    }

    private String publish(String text) throws Exception {
        HttpClientResponse response =
                get(send(HttpMethod.POST, "/api/v1/channels/chat:a/messages", text));
        assertThat(response.statusCode()).isEqualTo(201);
        return get(response.body()).toJsonObject().getString("id");
    }

    private Future<HttpClientResponse> send(
            HttpMethod method, String path, String body, String... headers) {
        RequestOptions options =
                new RequestOptions()
                        .setMethod(method)
                        .setHost("127.0.0.1")
                        .setPort(hub.port())
                        .setURI(path)
                        .putHeader("Authorization", "Bearer " + hub.token("alice"))
                        .putHeader("Content-Type", "text/plain");
        for (int i = 0; i < headers.length; i += 2) {
            options.putHeader(headers[i], headers[i + 1]);
        }
        // A body has to be asked for before the response has been handed on.
        return client.request(options)
                .compose(request -> request.send(body).onSuccess(HttpClientResponse::pause))
                .onSuccess(
                        response -> {
                            if (!path.startsWith("/sse") || response.statusCode() != 200) {
                                response.body();
                                response.resume();
                            }
                        });
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** An event stream, line by line. */
    private final class Stream {
        final HttpClientResponse response;
        final HttpVersion version;
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final StringBuilder begun = new StringBuilder();

        Stream(String path, String... headers) throws Exception {
            response = get(send(HttpMethod.GET, path, "", headers));
            version = response.request().version();
            response.handler(this::read);
            response.resume();
            nextLine("event: hub.ready");
        }

        private void read(Buffer part) {
            begun.append(part);
            for (int end = begun.indexOf("\n"); end >= 0; end = begun.indexOf("\n")) {
                lines.add(begun.substring(0, end));
                begun.delete(0, end + 1);
            }
        }

        /** The next line that begins like this. */
        String nextLine(String start) throws Exception {
            while (true) {
                String line = lines.poll(20, TimeUnit.SECONDS);
                assertThat(line).as("the next line of " + start).isNotNull();
                if (line.startsWith(start)) {
                    return line;
                }
            }
        }

        String nextData() throws Exception {
            String line = nextLine("data: ");
            return line.startsWith("data: {") ? nextData() : line.substring("data: ".length());
        }
    }
}
