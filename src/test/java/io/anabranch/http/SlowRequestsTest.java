package io.anabranch.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Limit;
import io.anabranch.testing.Scrape;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestCertificate;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that take their time over a request, by mishap or as an attack (Slowloris). */
class SlowRequestsTest {
    private static final int MS = 400;
    private static final int ATTACKERS = 50;
    private static final String SSE =
            "GET /sse?channel=a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n";
    private static final String POST =
            "POST /api/v1/%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n";

    private final TestHub hub =
            new TestHub()
                    .heartbeat(30_000)
                    .limit(Limit.HEADERS_TIME, MS)
                    .limit(Limit.BODY_TIME, MS)
                    .idleTime(MS);

    private final ScheduledExecutorService drips = Executors.newSingleThreadScheduledExecutor();
    private final List<Socket> sockets = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        drips.shutdownNow();
        for (Socket socket : sockets) {
            socket.close();
        }
        hub.stop();
    }

    @Test
    void areCutOffBesideStreamsThatStay() throws Exception {
        hub.start();
        String token = hub.token("alice");
        try (SseReader sse = new SseReader(hub, "/sse?channel=a", token);
                Socket http1 = open(SSE.formatted(token));
                WsClient socket = new WsClient(hub, "/ws?channel=a", token)) {
            sse.next();
            socket.next("ready");
            List<Socket> attackers = new ArrayList<>();
            for (int i = 0; i < ATTACKERS; i++) {
                attackers.add(open(""));
                attackers.add(dripping(open("GET /sse?channel=a HTTP/1.1\r\nX-Slow: ")));
                attackers.add(dripping(open(post(token) + "Content-Length: 1000\r\n\r\n\"")));
            }
            for (int i = 0; i < 10; i++) {
                publish(socket, "" + i);
                assertThat(sse.message().data()).isEqualTo("" + i);
                assertThat(socket.next("message").getInteger("data")).isEqualTo(i);
            }
            for (Socket attacker : attackers) {
                assertThat(untilClosed(attacker)).isEmpty();
            }
            assertThat(counted(Limit.BODY_TIME)).isEqualTo(ATTACKERS);
            assertThat(counted(Limit.HEADERS_TIME)).isEqualTo(2 * ATTACKERS);
            publish(socket, "\"still here\"");
            assertThat(sse.message().data()).isEqualTo("still here");
            assertThat(socket.next("message").getString("data")).isEqualTo("still here");
            var lines = new BufferedReader(new InputStreamReader(http1.getInputStream(), UTF_8));
            assertThat(lines.lines().anyMatch("data: still here"::equals)).isTrue();
        }
    }

    @Test
    void areCutOffOverTlsToo(@TempDir Path directory) throws Exception {
        TestCertificate certificate = TestCertificate.create(directory);
        hub.tls(certificate.cert(), certificate.key()).start();
        Socket plain = new Socket("127.0.0.1", hub.port());
        Socket socket =
                certificate
                        .trusting()
                        .getSocketFactory()
                        .createSocket(plain, "127.0.0.1", hub.port(), true);
        sockets.add(socket);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write("GET /sse".getBytes(US_ASCII));
        assertThat(untilClosed(dripping(socket))).isEmpty();
    }

    @Test
    void mayFollowOneAnotherInTime() throws Exception {
        hub.start();
        String get = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
        // The second came before the first was answered; the third never does.
        assertThat(untilClosed(open(get + get)).split("HTTP/1.1 200")).hasSize(3);
    }

    @Test
    void mayStreamNdjsonForAsLongAsTheyLike() throws Exception {
        hub.start();
        String token = hub.token("alice");
        String item = "{\"channel\":\"a\",\"data\":1}\n";
        Socket socket =
                open(
                        POST.formatted("messages", token, "application/x-ndjson")
                                + "Content-Length: %d\r\n\r\n".formatted(2 * item.length())
                                + item);
        Socket other = open("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
        untilClosed(other);
        untilClosed(open(""));
        socket.getOutputStream().write(item.getBytes(US_ASCII));
        assertThat(untilClosed(socket).split("\"id\"")).hasSize(3);
    }

    /** Not by REST: a connection that may be kept for use again is cut off between two uses. */
    private static void publish(WsClient socket, String json) throws Exception {
        socket.send(
                "{\"type\":\"publish\",\"ref\":1,\"channel\":\"a\",\"data\":%s}".formatted(json));
    }

    private String post(String token) {
        return POST.formatted("channels/a/messages", token, "application/json");
    }

    private Socket open(String beginning) throws IOException {
        Socket socket = new Socket("127.0.0.1", hub.port());
        sockets.add(socket);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(beginning.getBytes(US_ASCII));
        return socket;
    }

    /** A byte every now and then, for as long as there is a connection. */
    private Socket dripping(Socket socket) {
        drips.scheduleWithFixedDelay(() -> drip(socket), 0, 50, MILLISECONDS);
        return socket;
    }

    private static void drip(Socket socket) {
        try {
            socket.getOutputStream().write('x');
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
    }

    /** What came until the hub closed the connection. */
    private static String untilClosed(Socket socket) throws IOException {
        StringBuilder read = new StringBuilder();
        InputStream in = socket.getInputStream();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                read.append((char) next);
            }
        } catch (SocketException reset) {
            // What it had not read when it closed.
        }
        return read.toString();
    }

    private double counted(Limit limit) throws Exception {
        return Scrape.sum(hub, "anabranch_limits_exceeded_total", '"' + limit.setting() + '"');
    }
}
