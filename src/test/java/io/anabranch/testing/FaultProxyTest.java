package io.anabranch.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.FaultProxy.Which;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The proxy does to bytes on a socket what it says, and to no others. */
class FaultProxyTest {
    private static final String TEXT = "\"" + "0123456789äöü ".repeat(100) + "\"";

    @RegisterExtension final TestHub hub = new TestHub();
    private FaultProxy proxy;
    private Rest rest;

    @BeforeEach
    void connect() {
        proxy = new FaultProxy(hub.port(), 1);
        rest = new Rest(hub, hub.token("alice"));
    }

    @AfterEach
    void disconnect() {
        proxy.close();
    }

    @Test
    void passesOnWhatItIsNotToldToSpoil() throws Exception {
        try (Client stream = stream("client-a");
                Client request = new Client(post("chat:a", TEXT))) {
            assertThat(request.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 201");
            assertThat(stream.readUntil("\n\n\r\n")).contains("0123456789äöü ");
        }
        await().until(() -> proxy.count(Which.ALL) == 0);
    }

    @Test
    void cutsOneKindAlone() throws Exception {
        try (Client stream = stream("client-a");
                Client socket = webSocket("client-a")) {
            assertThat(proxy.cut(Which.WEBSOCKETS)).isEqualTo(1);
            assertThat(socket.readToEnd()).doesNotContain("said later");
            rest.publish("chat:a", "\"said later\"");
            assertThat(stream.readUntil("said later")).contains("data:");
        }
    }

    @Test
    void cutsOneClientAlone() throws Exception {
        try (Client one = stream("client-one");
                Client other = stream("client-other")) {
            assertThat(proxy.cut(Which.ALL.of("client-one"))).isEqualTo(1);
            one.readToEnd();
            rest.publish("chat:a", "\"hi\"");
            assertThat(other.readUntil("hi")).contains("data:");
        }
    }

    @Test
    void resets() throws Exception {
        try (Client stream = stream("client-a")) {
            proxy.reset(Which.STREAMS);
            assertThatThrownBy(stream::readToEnd).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void takesWhatIsSentOverAHalfClosedConnection() throws Exception {
        try (Client request = new Client(post("chat:a", "1"))) {
            request.readUntil("\"chat:a\"}");
            proxy.halfClose(Which.REST);
            assertThat(request.readToEnd()).isEmpty();
            request.send(post("chat:a", "2"));
            await().untilAsserted(() -> assertThat(rest.history("chat:a", "limit=9")).hasSize(2));
        }
    }

    @Test
    void stallsAndResumes() throws Exception {
        try (Client stalled = stream("client-a")) {
            proxy.stall(Which.STREAMS);
            rest.publish("chat:a", "\"hi\"");
            try (Client live = new Client(get("/sse?channel=chat:*&last=1&client=client-live"))) {
                live.readUntil("hi");
            }
            assertThat(stalled.unread()).isZero();
            proxy.resume(Which.ALL);
            assertThat(stalled.readUntil("hi")).contains("data:");
        }
    }

    @Test
    void delays() throws Exception {
        try (Client stream = stream("client-a")) {
            proxy.set(Which.STREAMS, Fault.delay(200));
            long begun = System.nanoTime();
            rest.publish("chat:a", "\"hi\"");
            stream.readUntil("hi");
            assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(200_000_000);
        }
    }

    @Test
    void slicesWithoutLosingAByte() throws Exception {
        proxy.set(Which.ALL, Fault.slice(3));
        try (Client stream = stream("client-a");
                Client request = new Client(post("chat:a", TEXT))) {
            assertThat(request.readUntil("\"chat:a\"}")).startsWith("HTTP/1.1 201");
            assertThat(stream.readUntil("\n\n\r\n")).contains(TEXT.substring(1, TEXT.length() - 1));
            assertThat(stream.reads).isGreaterThan(1);
        }
    }

    @Test
    void refusesUpgradesAlone() throws Exception {
        proxy.set(Which.WEBSOCKETS, Fault.refuse(503));
        try (Client stream = stream("client-a");
                Client socket = new Client(upgrade("client-a"))) {
            assertThat(socket.readToEnd()).startsWith("HTTP/1.1 503 ");
            assertThat(stream.unread()).isZero();
        }
    }

    @Test
    void stripsUpgrades() throws Exception {
        proxy.set(Which.WEBSOCKETS, Fault.strip());
        try (Client socket = new Client(upgrade("client-a"))) {
            assertThat(socket.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 4");
        }
    }

    @Test
    void neverAnswersWhatFallsIntoABlackHole() throws Exception {
        proxy.set(Which.WEBSOCKETS, Fault.blackHole());
        try (Client socket = new Client(upgrade("client-a"));
                Client stream = stream("client-a")) {
            assertThat(stream.unread()).isZero();
            assertThat(socket.unread()).isZero();
            assertThat(proxy.count(Which.WEBSOCKETS)).isEqualTo(1);
        }
        await().until(() -> proxy.count(Which.ALL) == 0);
    }

    @Test
    void holdsBackTheBodyOfAStream() throws Exception {
        proxy.set(Which.STREAMS, Fault.buffer());
        try (Client stream = new Client(get("/sse?channel=chat:a&client=client-a"))) {
            assertThat(stream.readUntil("\r\n\r\n"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("\r\n\r\n");
            rest.publish("chat:a", "\"hi\"");
            assertThat(stream.unread()).isZero();
            proxy.clear();
            assertThat(stream.readUntil("hi")).contains("hub.ready");
        }
    }

    @Test
    void goesToAnotherHubWhenTold() throws Exception {
        hub.stop();
        hub.start();
        proxy.target(hub.port());
        try (Client stream = stream("client-a")) {
            assertThat(proxy.count(Which.STREAMS)).isEqualTo(1);
        }
    }

    @Test
    void isToldByOtherProcesses() throws Exception {
        try (FaultControl control = new FaultControl(proxy);
                Client socket = webSocket("client-one")) {
            assertThat(ask(control, "cut", "{\"client\":\"client-other\"}"))
                    .isEqualTo("{\"connections\":0}");
            assertThat(ask(control, "set", "{\"kind\":\"sse\",\"door\":\"refuse\",\"status\":429}"))
                    .isEqualTo("{\"connections\":0}");
            try (Client stream = new Client(get("/sse?channel=chat:a"))) {
                assertThat(stream.readToEnd()).startsWith("HTTP/1.1 429 ");
            }
            assertThat(ask(control, "cut", "{\"kind\":\"websocket\",\"client\":\"client-one\"}"))
                    .isEqualTo("{\"connections\":1}");
            socket.readToEnd();
            assertThat(ask(control, "burn", "")).contains("no such action: /burn");
        }
    }

    private static String ask(FaultControl control, String action, String json) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(control.url() + action))
                        .POST(BodyPublishers.ofString(json))
                        .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    /** An event stream that is ready. */
    private Client stream(String id) throws IOException {
        Client client = new Client(get("/sse?channel=chat:a&client=" + id));
        client.readUntil("hub.ready");
        client.readUntil("\n\n\r\n");
        return client;
    }

    /** A WebSocket that is ready. */
    private Client webSocket(String id) throws IOException {
        Client client = new Client(upgrade(id));
        client.readUntil("\"type\":\"ready\"");
        return client;
    }

    private String get(String pathAndQuery) {
        return head("GET " + pathAndQuery) + "\r\n";
    }

    private String upgrade(String id) {
        return head("GET /ws?channel=chat:a&client=" + id)
                + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    }

    private String post(String channel, String json) {
        return head("POST /api/v1/channels/" + channel + "/messages")
                + "Content-Type: application/json\r\nContent-Length: "
                + json.getBytes(UTF_8).length
                + "\r\n\r\n"
                + json;
    }

    private String head(String methodAndTarget) {
        return methodAndTarget
                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + hub.token("alice")
                + "\r\n";
    }

    /** A socket to the proxy. */
    private final class Client implements AutoCloseable {
        private final Socket socket = new Socket("127.0.0.1", proxy.port());
        private final InputStream in = socket.getInputStream();
        private String unread = "";
        private int reads;

        Client(String request) throws IOException {
            socket.setSoTimeout(10_000);
            send(request);
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(UTF_8));
        }

        /** Bytes that have arrived and were not asked for. */
        int unread() throws IOException {
            return unread.length() + in.available();
        }

        /** All up to {@code mark}, which must come. */
        String readUntil(String mark) throws IOException {
            byte[] buffer = new byte[16 * 1024];
            while (!unread.contains(mark)) {
                int length = in.read(buffer);
                assertThat(length).as("bytes after %s, up to %s", unread, mark).isPositive();
                unread += new String(buffer, 0, length, ISO_8859_1);
                reads++;
            }
            int end = unread.indexOf(mark) + mark.length();
            String text = unread.substring(0, end);
            unread = unread.substring(end);
            return new String(text.getBytes(ISO_8859_1), UTF_8);
        }

        String readToEnd() throws IOException {
            return unread + new String(in.readAllBytes(), UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
