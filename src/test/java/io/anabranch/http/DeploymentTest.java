package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.config.ConfigLoader;
import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.NatsServer;
import io.anabranch.testing.Ports;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of {@code docs/cluster} are no mere words. */
class DeploymentTest {
    private static final Path EXAMPLES = Path.of("docs/cluster");
    private static final String HAPROXY = "/usr/sbin/haproxy";
    private static final ConditionFactory SOON =
            Awaitility.await().atMost(20, TimeUnit.SECONDS).ignoreExceptions();

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    @Test
    void configurationOfTheHubsIsGoodOnceItHasAKey() throws Exception {
        String example = Files.readString(EXAMPLES.resolve("hub.yaml"));
        Path file = directory.resolve("hub.yaml");
        Files.writeString(file, example);
        assertThatThrownBy(() -> ConfigLoader.load(file, List.of()))
                .hasMessageContaining("auth.keys");
        Files.writeString(file, example.replace("secret: ", "secret: " + "x".repeat(43)));
        assertThat(ConfigLoader.load(file, List.of()).log().nats()).isNotNull();
    }

    @Test
    void configurationOfTheBrokerIsGood() throws Exception {
        Path file = EXAMPLES.resolve("nats-server.conf");
        assertThat(run("nats-server", "-t", "-c", file.toString())).isZero();
    }

    @Test
    void anyHubBehindTheProxyServesAnyClient() throws Exception {
        List<TestHub> hubs = new ArrayList<>();
        try (NatsServer server = NatsServer.start(directory)) {
            for (int i = 0; i < 3; i++) {
                TestHub hub =
                        new TestHub()
                                .nats(server.url(), "anabranch")
                                .trustedProxies("127.0.0.1")
                                .drain(0);
                hub.start();
                hubs.add(hub);
            }
            int port = Ports.free();
            Process proxy = startProxy(port, hubs);
            try {
                String uri = "http://127.0.0.1:" + port;
                Rest rest = new Rest(path -> URI.create(uri + path), hubs.get(0).token("alice"));
                SOON.until(() -> rest.get("/health/ready").statusCode() == 200);
                assertServes(uri, rest, hubs.get(0).token("alice"), 0);
                hubs.remove(1).stop();
                assertServes(uri, rest, hubs.get(0).token("alice"), 60);
                assertThat(hubsWithConnections(uri, hubs)).isEqualTo(2);
            } finally {
                proxy.destroy();
                proxy.waitFor();
            }
        } finally {
            for (TestHub hub : hubs) {
                hub.stop();
            }
        }
    }

    private Process startProxy(int port, List<TestHub> hubs) throws Exception {
        String example = Files.readString(EXAMPLES.resolve("haproxy.cfg"));
        String here =
                example.replace("bind :8080", "bind 127.0.0.1:" + port)
                        .replace("maxconn 100000", "maxconn 1000");
        for (int i = 0; i < hubs.size(); i++) {
            here = here.replace("10.0.0.2" + (i + 1) + ":8080", "127.0.0.1:" + hubs.get(i).port());
        }
        assertThat(here).doesNotContain("10.0.0.");
        Path file = directory.resolve("haproxy.cfg");
        Files.writeString(file, here);
        assertThat(run(HAPROXY, "-c", "-f", file.toString())).isZero();
        return new ProcessBuilder(HAPROXY, "-db", "-f", file.toString()).inheritIO().start();
    }

    /** A reader takes a few messages by one connection after the other, and each once. */
    private static void assertServes(String uri, Rest rest, String token, int first)
            throws Exception {
        List<Integer> received = new ArrayList<>();
        String after = cursorNow(uri, token);
        for (int i = 0; i < 60; i++) {
            rest.publish("chat:a", Integer.toString(first + i));
        }
        while (received.size() < 60) {
            String query = "?channel=chat:a&after=" + after;
            if (received.size() % 2 == 0) {
                try (var stream = new SseReader(URI.create(uri + "/sse" + query), token)) {
                    for (SseReader.Block block : stream.messages(3)) {
                        received.add(Integer.valueOf(block.data()));
                        after = block.id();
                    }
                }
            } else {
                try (var socket = new WsClient(URI.create(uri + "/ws" + query), token)) {
                    JsonObject message = socket.next("message");
                    received.add(message.getInteger("data"));
                    after = message.getString("id");
                }
            }
        }
        assertThat(received).isEqualTo(IntStream.range(first, first + 60).boxed().toList());
    }

    private static String cursorNow(String uri, String token) throws Exception {
        try (var socket = new WsClient(URI.create(uri + "/ws"), token)) {
            return socket.next("ready").getString("cursor");
        }
    }

    /** Several connections through the proxy are spread over the hubs that are left. */
    private static int hubsWithConnections(String uri, List<TestHub> hubs) throws Exception {
        List<WsClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 6; i++) {
                clients.add(new WsClient(URI.create(uri + "/ws"), hubs.get(0).token("alice")));
                clients.get(i).next("ready");
            }
            int with = 0;
            for (TestHub hub : hubs) {
                String metrics =
                        new Rest(
                                        path ->
                                                URI.create(
                                                        "http://127.0.0.1:"
                                                                + hub.managementPort()
                                                                + path),
                                        "")
                                .get("/metrics")
                                .body();
                boolean some =
                        metrics.lines()
                                .anyMatch(
                                        line ->
                                                line.matches(
                                                        "anabranch_connections\\{transport=\"websocket\".*} [1-9].*"));
                with += some ? 1 : 0;
            }
            return with;
        } finally {
            clients.forEach(WsClient::close);
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
