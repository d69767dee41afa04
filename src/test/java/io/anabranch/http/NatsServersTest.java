package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.config.Config;
import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.NatsServer;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.Replica;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hubs on a broker of three servers, of which one after the other is killed. */
class NatsServersTest {
    private static final String STREAM = "anabranch";
    private static final ConditionFactory SOON = Awaitility.await().atMost(90, TimeUnit.SECONDS);

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private List<NatsServer> servers;
    private final List<TestHub> hubs = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        servers = NatsServer.cluster(directory, 3);
        SOON.ignoreExceptions().until(this::agree);
        for (int i = 0; i < 2; i++) {
            TestHub hub =
                    new TestHub()
                            .nats(
                                    new Config.Nats(
                                            servers.stream().map(NatsServer::url).toList(),
                                            null,
                                            null,
                                            null,
                                            STREAM,
                                            3,
                                            true))
                            .heartbeat(500)
                            .drain(0);
            hub.start();
            hubs.add(hub);
        }
    }

    /** Whether the servers have found each other: only then they make a stream of three. */
    private boolean agree() throws Exception {
        try (Connection connection = Nats.connect(servers.get(0).url())) {
            var probe = io.nats.client.api.StreamConfiguration.builder().name("probe").replicas(3);
            connection.jetStreamManagement().addStream(probe.build());
            return connection.jetStreamManagement().deleteStream("probe");
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (TestHub hub : hubs) {
            hub.stop();
        }
        for (NatsServer server : servers) {
            server.close();
        }
    }

    @Test
    void lossOfAnyOneServerLosesAndRepeatsNothing() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        AtomicInteger published = new AtomicInteger();
        Thread publisher = new Thread(() -> publish(enough, published), "publisher");
        try (var reader =
                new WsClient(hubs.get(1), "/ws?channel=chat:a", hubs.get(1).token("bob"))) {
            reader.next("ready");
            publisher.start();
            int leader = leader();
            for (int killed : List.of(leader, (leader + 1) % 3, (leader + 2) % 3)) {
                servers.get(killed).kill();
                int before = published.get();
                SOON.until(() -> published.get() > before + 20);
                servers.get(killed).restart();
                SOON.ignoreExceptions().until(this::replicasAreCurrent);
            }
            enough.set(true);
            publisher.join();
            List<Integer> received = new ArrayList<>();
            while (received.size() < published.get()) {
                JsonObject frame = reader.next();
                assertThat(frame.getString("type")).as("%s", frame).isEqualTo("message");
                received.add(frame.getInteger("data"));
            }
            assertThat(received).isEqualTo(IntStream.range(0, published.get()).boxed().toList());
        }
    }

    /** One after the other, each until it is acknowledged. */
    private void publish(AtomicBoolean enough, AtomicInteger published) {
        Rest rest = new Rest(hubs.get(0), hubs.get(0).token("alice"));
        try {
            while (!enough.get()) {
                String data = Integer.toString(published.get());
                HttpResponse<String> answer =
                        rest.post("chat:a", "application/json", data, "Idempotency-Key", data);
                if (answer.statusCode() < 300) {
                    published.incrementAndGet();
                } else {
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private int leader() throws Exception {
        return Integer.parseInt(cluster().getLeader().substring(1));
    }

    private boolean replicasAreCurrent() throws Exception {
        ClusterInfo cluster = cluster();
        return cluster.getLeader() != null
                && cluster.getReplicas().size() == 2
                && cluster.getReplicas().stream().allMatch(Replica::isCurrent);
    }

    private ClusterInfo cluster() throws Exception {
        String[] urls = servers.stream().map(NatsServer::url).toArray(String[]::new);
        var options =
                new io.nats.client.Options.Builder()
                        .servers(urls)
                        .connectionTimeout(Duration.ofSeconds(1))
                        .build();
        try (Connection connection = Nats.connect(options)) {
            return connection.jetStreamManagement().getStreamInfo(STREAM).getClusterInfo();
        }
    }
}
