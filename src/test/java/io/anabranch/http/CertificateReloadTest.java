package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.anabranch.testing.TestCertificate;
import io.anabranch.testing.TestHub;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The certificate and its key, as the files change while the hub runs. */
class CertificateReloadTest {
    /** The alert of RFC 8446 §6.2. */
    private static final int PROTOCOL_VERSION = 70;

    @TempDir Path directory;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(CertificateWatch.class);
    private TestCertificate before;
    private TestCertificate after;
    private Path cert;
    private Path key;
    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        before = TestCertificate.create(Files.createDirectory(directory.resolve("before")));
        after = TestCertificate.create(Files.createDirectory(directory.resolve("after")));
        cert = directory.resolve("cert.pem");
        key = directory.resolve("key.pem");
        replace(before.cert(), cert);
        replace(before.key(), key);
        hub = new TestHub().tls(cert, key);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() throws Exception {
        logger.detachAppender(log);
        hub.stop();
    }

    @Test
    void newConnectionsGetTheNewOneAndOldOnesStay() throws Exception {
        hub.start();
        HttpClient client = client(before);
        var stream = client.send(request("/sse?channel=chat:a").build(), BodyHandlers.ofLines());
        Iterator<String> lines = stream.body().iterator();
        assertThat(shown("TLSv1.3", before)).isEqualTo(certificate(before));

        replace(after.cert(), cert);
        replace(after.key(), key);

        await().ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(shown("TLSv1.3", after)).isEqualTo(certificate(after)));
        assertThat(publish(client)).isEqualTo(201);
        assertThat(publish(client(after))).isEqualTo(201);
        assertThat(nextData(lines)).isEqualTo("data: hi");
        assertThat(nextData(lines)).isEqualTo("data: hi");
    }

    @Test
    void halfOfAPairChangesNothingAndIsToldOfOnce() throws Exception {
        hub.start();
        replace(after.cert(), cert);
        await().until(() -> warnings().size() == 1);
        assertThat(warnings().get(0))
                .isEqualTo(
                        "http.tls.key: %s (expected: the private key of the certificate in %s);"
                                        .formatted(key, cert)
                                + " the certificate of before stays");

        byte[] whole = Files.readAllBytes(after.key());
        Files.write(key, java.util.Arrays.copyOf(whole, whole.length / 2));
        await().until(() -> warnings().size() == 2);
        assertThat(shown("TLSv1.3", before)).isEqualTo(certificate(before));

        Files.delete(key);
        await().until(() -> warnings().size() == 3);
        assertThat(shown("TLSv1.3", before)).isEqualTo(certificate(before));

        replace(after.key(), key);
        await().ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(shown("TLSv1.3", after)).isEqualTo(certificate(after)));
        assertThat(warnings()).hasSize(3);
    }

    @Test
    void aHubDoesNotStartWithTheKeyOfAnotherCertificate() throws Exception {
        replace(after.key(), key);
        assertThatThrownBy(() -> hub.start())
                .hasMessageContaining("http.tls.key: " + key)
                .hasMessageContaining("expected: the private key of the certificate in " + cert);
    }

    @Test
    void aHubDoesNotStartWithAFileThatIsNoCertificate() throws Exception {
        Files.writeString(cert, "no certificate");
        assertThatThrownBy(() -> hub.start())
                .hasMessageContaining("http.tls: " + cert + " and " + key)
                .hasMessageContaining("expected: PEM, a certificate and its private key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void speaksTls12AndTls13(String version) throws Exception {
        hub.start();
        assertThat(shown(version, before)).isEqualTo(certificate(before));
    }

    @Test
    void speaksNoOlderVersion() throws Exception {
        hub.start();
        byte[] hello =
                HexFormat.of()
                        .parseHex(
                                "160301002d"
                                        + "01000029"
                                        + "0302" // TLS 1.1
                                        + "00".repeat(32)
                                        + "00"
                                        + "0002c00a" // TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA
                                        + "0100");
        try (Socket socket = new Socket("127.0.0.1", hub.port())) {
            socket.getOutputStream().write(hello);
            byte[] alert = socket.getInputStream().readNBytes(7);
            assertThat(alert).startsWith(0x15).endsWith(2, PROTOCOL_VERSION);
        }
    }

    /** What the hub shows to a client that speaks one version and trusts one certificate. */
    private Certificate shown(String version, TestCertificate trusted) throws Exception {
        SSLContext context = trusted.trusting();
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", hub.port())) {
            socket.setEnabledProtocols(new String[] {version});
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private static Certificate certificate(TestCertificate of) throws Exception {
        try (var in = Files.newInputStream(of.cert())) {
            return java.security.cert.CertificateFactory.getInstance("X.509")
                    .generateCertificate(in);
        }
    }

    private List<String> warnings() {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getLevel().levelStr.equals("WARN"))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private int publish(HttpClient client) throws Exception {
        HttpRequest request =
                request("/api/v1/channels/chat:a/messages")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("\"hi\""))
                        .build();
        return client.send(request, BodyHandlers.discarding()).statusCode();
    }

    private static String nextData(Iterator<String> lines) {
        return Stream.generate(lines::next)
                .filter(line -> line.startsWith("data: ") && !line.contains("{"))
                .findFirst()
                .orElseThrow();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(hub.uri(path))
                .header("Authorization", "Bearer " + hub.token("alice"));
    }

    private static HttpClient client(TestCertificate trusted) throws Exception {
        return HttpClient.newBuilder().sslContext(trusted.trusting()).build();
    }

    /** As an ACME client does it: another file, of the same name. */
    private void replace(Path by, Path file) throws Exception {
        Path copy = Files.copy(by, directory.resolve("copy"));
        Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
