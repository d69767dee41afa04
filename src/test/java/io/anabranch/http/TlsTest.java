package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a certificate, SSE and REST go over HTTP/2. */
class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir Path directory;
    private KeyStore store;
    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        Path file = directory.resolve("key.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-alias",
                                "hub",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=ip:127.0.0.1",
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                new String(PASSWORD),
                                "-keystore",
                                file.toString())
                        .inheritIO()
                        .start();
        assertThat(keytool.waitFor()).isZero();
        store = KeyStore.getInstance(file.toFile(), PASSWORD);
        Path cert = pem("cert.pem", "CERTIFICATE", store.getCertificate("hub").getEncoded());
        Path key = pem("key.pem", "PRIVATE KEY", store.getKey("hub", PASSWORD).getEncoded());
        hub = new TestHub().tls(cert, key);
        hub.start();
    }

    private Path pem(String name, String type, byte[] der) throws Exception {
        String text =
                "-----BEGIN "
                        + type
                        + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END "
                        + type
                        + "-----\n";
        return Files.writeString(directory.resolve(name), text);
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

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(hub.uri(path))
                .header("Authorization", "Bearer " + hub.token("alice"));
    }

    private HttpClient client() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("hub", store.getCertificate("hub"));
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return HttpClient.newBuilder().version(Version.HTTP_2).sslContext(context).build();
    }
}
