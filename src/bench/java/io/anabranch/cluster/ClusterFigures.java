package io.anabranch.cluster;

import io.anabranch.testing.HubProcess;
import io.anabranch.testing.NatsServer;
import io.anabranch.testing.Rest;
import io.anabranch.testing.Wire;
import io.anabranch.testing.WsClient;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * What several hubs on one broker take: how long a message needs from one hub to a reader at
 * another, and how long it is after each kind of trouble until messages arrive again. Each counts
 * that what was acknowledged arrives, once and in order.
 */
public final class ClusterFigures implements AutoCloseable {
    private static final String CHANNEL = "figures";
    private static final int ROUNDS = 3;
    private static final int MESSAGES = 2_000;
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long PARTED_MS = 10_000;

    private final Path directory;
    private final List<NatsServer> servers;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private WsClient reader;
    private String cursor = "";
    private int published;
    private int received;

    private ClusterFigures(int count) throws Exception {
        directory = Files.createTempDirectory("anabranch-figures");
        servers =
                count == 1
                        ? List.of(NatsServer.start(directory))
                        : NatsServer.cluster(directory, count);
        opened.addAll(servers);
        if (count > 1) {
            Awaitility.await().atMost(30, TimeUnit.SECONDS).ignoreExceptions().until(this::agree);
        }
    }

    private boolean agree() throws Exception {
        try (Connection connection = Nats.connect(servers.get(0).url())) {
            var probe = StreamConfiguration.builder().name("probe").replicas(servers.size());
            connection.jetStreamManagement().addStream(probe.build());
            return connection.jetStreamManagement().deleteStream("probe");
        }
    }

    public static void main(String[] args) throws Exception {
        try (ClusterFigures one = new ClusterFigures(1)) {
            one.latency();
        }
        for (int round = 1; round <= ROUNDS; round++) {
            try (ClusterFigures one = new ClusterFigures(1)) {
                one.hubKilled();
            }
            try (ClusterFigures one = new ClusterFigures(1)) {
                one.brokerKilled();
            }
            try (ClusterFigures three = new ClusterFigures(3)) {
                three.leaderKilled();
            }
            try (ClusterFigures one = new ClusterFigures(1)) {
                one.parted();
            }
        }
        System.exit(0);
    }

    private HubProcess hub(String name, List<String> urls) throws Exception {
        Path own = Files.createDirectory(directory.resolve(name));
        HubProcess hub = new HubProcess(own, List.of()).nats(urls, "anabranch", servers.size());
        opened.add(0, hub);
        hub.start();
        return hub;
    }

    private HubProcess hub(String name) throws Exception {
        return hub(name, servers.stream().map(NatsServer::url).toList());
    }

    private void read(HubProcess hub) throws Exception {
        String query = cursor.isEmpty() ? "" : "&after=" + cursor;
        reader = new WsClient(hub.uri("/ws?channel=" + CHANNEL + query), hub.token());
        opened.add(0, reader);
        cursor = reader.next("ready").getString("cursor");
    }

    private void latency() throws Exception {
        HubProcess here = hub("here");
        read(hub("there"));
        long[] acknowledged = new long[MESSAGES];
        long[] arrived = new long[MESSAGES];
        Rest rest = new Rest(here::uri, here.token());
        for (int i = -MESSAGES; i < MESSAGES; i++) {
            long begun = System.nanoTime();
            rest.publish(CHANNEL, Integer.toString(++published));
            long done = System.nanoTime();
            long came = receive();
            if (i >= 0) {
                acknowledged[i] = done - begun;
                arrived[i] = came - begun;
            }
            LockSupport.parkNanos(EVERY_NANOS);
        }
        say("acknowledged at one hub", acknowledged);
        say("arrived at the reader of another", arrived);
    }

    private static void say(String what, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "%s: p50 %.2f ms, p99 %.2f ms%n",
                what,
                nanos[nanos.length / 2] / 1e6,
                nanos[nanos.length * 99 / 100] / 1e6);
    }

    private void hubKilled() throws Exception {
        HubProcess killed = hub("killed");
        HubProcess other = hub("other");
        read(killed);
        publish(other);
        receive();
        killed.kill();
        long begun = System.nanoTime();
        publish(other);
        read(other);
        receive();
        say("hub killed, reader at another", begun);
        long starts = System.nanoTime();
        killed.start();
        publish(killed);
        receive();
        say("hub killed, started again", starts);
    }

    private void brokerKilled() throws Exception {
        HubProcess here = hub("here");
        read(hub("there"));
        publish(here);
        receive();
        servers.get(0).kill();
        long begun = System.nanoTime();
        servers.get(0).restart();
        publish(here);
        receive();
        say("broker killed and started again", begun);
    }

    private void leaderKilled() throws Exception {
        HubProcess here = hub("here");
        read(hub("there"));
        publish(here);
        receive();
        int leader;
        try (Connection connection = Nats.connect(servers.get(0).url())) {
            String name =
                    connection
                            .jetStreamManagement()
                            .getStreamInfo("anabranch")
                            .getClusterInfo()
                            .getLeader();
            leader = Integer.parseInt(name.substring(1));
        }
        servers.get(leader).kill();
        long begun = System.nanoTime();
        publish(here);
        receive();
        say("leader of three killed", begun);
    }

    private void parted() throws Exception {
        try (Wire wire = new Wire(servers.get(0).port())) {
            HubProcess cutOff = hub("cut-off", List.of("nats://127.0.0.1:" + wire.port()));
            HubProcess other = hub("other");
            read(cutOff);
            publish(other);
            receive();
            wire.part();
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PARTED_MS);
            while (System.nanoTime() < end) {
                publish(other);
                TimeUnit.MILLISECONDS.sleep(100);
            }
            wire.mend();
            long begun = System.nanoTime();
            receive();
            say("hub parted from the broker for 10 s, until its readers have all", begun);
            publish(cutOff);
            receive();
            say("hub parted from the broker for 10 s, until it takes messages", begun);
        }
    }

    /** Publishes the next number, until it is acknowledged. */
    private void publish(HubProcess hub) throws Exception {
        Rest rest = new Rest(hub::uri, hub.token());
        String number = Integer.toString(published + 1);
        while (!isAcknowledged(rest, number)) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        published++;
    }

    private static boolean isAcknowledged(Rest rest, String number) throws Exception {
        try {
            return rest.post(CHANNEL, "application/json", number, "Idempotency-Key", number)
                            .statusCode()
                    < 300;
        } catch (IOException e) {
            return false;
        }
    }

    /** Takes all that was published, and gives when the last came. */
    private long receive() throws Exception {
        while (received < published) {
            JsonObject frame = reader.next();
            String type = frame.getString("type");
            if (type.equals("message") && frame.getInteger("data") == received + 1) {
                received++;
                cursor = frame.getString("id");
            } else if (!type.equals("ok")) {
                throw new AssertionError(frame + " after " + received);
            }
        }
        return System.nanoTime();
    }

    private void say(String what, long begun) {
        System.out.printf(
                Locale.ROOT,
                "%s: %.2f s; %d acknowledged, each arrived once%n",
                what,
                (System.nanoTime() - begun) / 1e9,
                published);
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
    }
}
