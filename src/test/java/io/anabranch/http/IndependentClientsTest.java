package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients that are not ours read one stream: npm's {@code eventsource}, Maven's {@code
 * okhttp-eventsource}, and the JDK's WebSocket. All see the same ids in the same order, and each
 * goes on after it was cut off, in the middle of a message too.
 */
class IndependentClientsTest {
    private static final Path CLIENT = Path.of("src/test/js-independent");
    private static final List<String> CHANNELS = List.of("chat:a", "ticker:b", "demo:c");
    private static final String QUERY = "channel=chat:*&channel=ticker:b&channel=demo:c";
    private static final int MESSAGES = 200;

    /** Of the stream to a client, the places where the connection is cut, in bytes. */
    private static final List<Integer> CUTS = List.of(2_000, 3_333);

    @RegisterExtension final TestHub hub = new TestHub();

    private final ExecutorService clients = Executors.newCachedThreadPool();
    private final List<CuttingProxy> proxies = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        clients.shutdownNow();
        for (CuttingProxy proxy : proxies) {
            proxy.close();
        }
    }

    @Test
    void allReadTheSameMessagesAndMissNothingWhenTheyAreCutOff() throws Exception {
        List<String> expected = new ArrayList<>();
        publish(expected, 0, MESSAGES / 2);
        CuttingProxy forNpm = proxy();
        CuttingProxy forMaven = proxy();
        Future<List<String>> npm = clients.submit(() -> readWithNpm(forNpm.uri()));
        Future<List<String>> maven = clients.submit(() -> readWithMaven(forMaven.uri()));
        Future<List<String>> webSocket = clients.submit(this::readWithWebSocket);
        publish(expected, MESSAGES / 2, MESSAGES);
        new Rest(hub, hub.token("alice")).publish("chat:a", "\"end\"");

        assertThat(webSocket.get(30, TimeUnit.SECONDS)).isEqualTo(expected);
        assertThat(maven.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
        assertThat(npm.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
        assertThat(forNpm.connections()).isGreaterThan(CUTS.size());
        assertThat(forMaven.connections()).isGreaterThan(CUTS.size());
    }

    private void publish(List<String> published, int from, int to) throws Exception {
        Rest rest = new Rest(hub, hub.token("alice"));
        for (int i = from; i < to; i++) {
            String data = "{\"n\":" + i + "}";
            published.add(rest.publish(CHANNELS.get(i % CHANNELS.size()), data) + " " + data);
        }
    }

    private CuttingProxy proxy() throws IOException {
        CuttingProxy proxy = new CuttingProxy(hub.port(), CUTS, clients);
        proxies.add(proxy);
        return proxy;
    }

    private List<String> readWithNpm(String base) throws Exception {
        assertThat(Files.isDirectory(CLIENT.resolve("node_modules/eventsource")))
                .as("npm's eventsource is not installed. Run: npm ci --prefix " + CLIENT)
                .isTrue();
        ProcessBuilder builder = new ProcessBuilder("node", "read.js", sse(base));
        builder.environment().put("TOKEN", hub.token("bob"));
        builder.environment().put("NO_PROXY", "127.0.0.1");
        Process node =
                builder.directory(CLIENT.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            String read = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(node.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(node.exitValue()).as(read).isZero();
            return read.lines().toList();
        } finally {
            node.destroyForcibly();
        }
    }

    private List<String> readWithMaven(String base) throws Exception {
        List<String> read = new ArrayList<>();
        var connect =
                ConnectStrategy.http(URI.create(sse(base)))
                        .header("Authorization", "Bearer " + hub.token("carol"));
        try (EventSource source =
                new EventSource.Builder(connect)
                        .errorStrategy(ErrorStrategy.alwaysContinue())
                        .build()) {
            for (MessageEvent event : source.messages()) {
                if (event.getData().equals("end")) {
                    return read;
                }
                if (event.getEventName().equals("message")) {
                    read.add(event.getLastEventId() + " " + event.getData());
                }
            }
        }
        throw new AssertionError("the stream ended after " + read);
    }

    /**
     * It does not reconnect by itself, so the application does, from the last id it has seen. Each
     * pattern has a replay of its own on a WebSocket; one pattern is read in the log's order.
     */
    private List<String> readWithWebSocket() throws Exception {
        List<String> read = new ArrayList<>();
        String after = "earliest";
        for (int most : List.of(30, 90, Integer.MAX_VALUE)) {
            try (var socket = new WsClient(hub, "/ws?channel=*&after=" + after, token())) {
                while (read.size() < most) {
                    JsonObject message = socket.next("message");
                    if ("end".equals(message.getValue("data"))) {
                        return read;
                    }
                    after = message.getString("id");
                    read.add(after + " " + message.getJsonObject("data").encode());
                }
            }
        }
        throw new AssertionError("no end after " + read);
    }

    private String token() {
        return hub.token("dave");
    }

    private static String sse(String base) {
        return base + "/sse?" + QUERY + "&after=earliest";
    }

    /** Stands before the hub and cuts each of its first connections after so many bytes. */
    private static final class CuttingProxy implements Callable<Void>, AutoCloseable {
        private final int hubPort;
        private final List<Integer> cuts;
        private final ExecutorService executor;
        private final ServerSocket server;
        private final AtomicInteger connections = new AtomicInteger();

        CuttingProxy(int hubPort, List<Integer> cuts, ExecutorService executor) throws IOException {
            this.hubPort = hubPort;
            this.cuts = cuts;
            this.executor = executor;
            this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Future<Void> unused = executor.submit(this);
        }

        String uri() {
            return "http://127.0.0.1:" + server.getLocalPort();
        }

        int connections() {
            return connections.get();
        }

        @Override
        public Void call() throws IOException {
            while (true) {
                Socket client = server.accept();
                int number = connections.getAndIncrement();
                int most = number < cuts.size() ? cuts.get(number) : Integer.MAX_VALUE;
                Socket upstream = new Socket("127.0.0.1", hubPort);
                Future<Void> up = executor.submit(() -> pipe(client, upstream, Integer.MAX_VALUE));
                Future<Void> down = executor.submit(() -> pipe(upstream, client, most));
            }
        }

        private static Void pipe(Socket from, Socket to, int most) throws IOException {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] bytes = new byte[512];
                int left = most;
                while (left > 0) {
                    int count = in.read(bytes, 0, Math.min(bytes.length, left));
                    if (count < 0) {
                        break;
                    }
                    out.write(bytes, 0, count);
                    left -= count;
                }
            }
            return null;
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
