package io.anabranch.continuity;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.ChildProcess;
import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.HubProcess;
import io.anabranch.testing.NatsServer;
import io.anabranch.testing.Rest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three hubs on one broker, and clients that hop between them and between transports at random,
 * while the hubs are stopped or killed in turn: none misses anything, and none is told twice. More
 * of them with {@code -Dhopping.clients=5000 -Dhopping.restarts=6}.
 */
@Tag("long")
class HoppingTest {
    private static final int HUBS = 3;
    private static final String CHANNEL = "storm:a";

    /** So that the hubs take in as many connections a second, however many clients there are. */
    private static final int HOP_EVERY_MS_FOR_EACH = 6;

    private static final long PUBLISH_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private NatsServer server;
    private final List<HubProcess> hubs = new ArrayList<>();
    private final AtomicInteger published = new AtomicInteger();
    private volatile boolean stopping;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.start(directory);
        for (int i = 0; i < HUBS; i++) {
            Path own = Files.createDirectory(directory.resolve("hub-" + i));
            HubProcess hub = new HubProcess(own, List.of()).nats(server.url(), "anabranch");
            hub.arguments("--set", "http.drain=2s");
            hub.start();
            hubs.add(hub);
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (HubProcess hub : hubs) {
            hub.close();
        }
        server.close();
    }

    @Test
    void clientsMissAndRepeatNothing() throws Exception {
        int clients = Integer.getInteger("hopping.clients", 3_000);
        int restarts = Integer.getInteger("hopping.restarts", HUBS);
        JsonArray ports = new JsonArray();
        hubs.forEach(hub -> ports.add(hub.port()));
        JsonObject options =
                new JsonObject()
                        .put("ports", ports)
                        .put("token", hubs.get(0).token())
                        .put("count", clients)
                        .put("hopEveryMs", clients * HOP_EVERY_MS_FOR_EACH);
        try (var storm = ChildProcess.java(List.of(), Storm.class, options.encode())) {
            ask(storm, "connect", "");
            ask(storm, "hop", "");
            Thread publisher = new Thread(this::publish, "publisher");
            publisher.start();
            for (int i = 0; i < restarts; i++) {
                restart(hubs.get(i % HUBS), i % 2 == 0);
                int before = published.get();
                Awaitility.await()
                        .atMost(30, TimeUnit.SECONDS)
                        .until(() -> published.get() > before + 20);
            }
            stopping = true;
            publisher.join();
            JsonObject settled = ask(storm, "settle", "");
            JsonObject read = ask(storm, "read", new JsonObject().put(CHANNEL, published.get()));
            System.out.printf(
                    "hopping: %d clients, %d connections, %d messages, %d restarts: %s%n",
                    clients, settled.getLong("attempts"), published.get(), restarts, read);
            assertThat(settled.getLong("attempts")).isGreaterThan(clients);
            assertThat(read.getLong("received")).isEqualTo((long) clients * published.get());
            for (String never : List.of("lost", "repeated", "gaps")) {
                assertThat(read.getLong(never)).as("%s in %s", never, read).isZero();
            }
        }
    }

    private static void restart(HubProcess hub, boolean politely) throws Exception {
        if (politely) {
            hub.stop();
        } else {
            hub.kill();
        }
        hub.start();
    }

    /** One after the other, each at any hub, and at another until one acknowledges it. */
    private void publish() {
        long due = System.nanoTime();
        while (!stopping) {
            String number = Integer.toString(published.get() + 1);
            HubProcess hub = hubs.get(ThreadLocalRandom.current().nextInt(HUBS));
            if (isAcknowledged(hub, number)) {
                published.incrementAndGet();
                due += PUBLISH_EVERY_NANOS;
            }
            LockSupport.parkNanos(Math.max(1_000_000, due - System.nanoTime()));
        }
    }

    private static boolean isAcknowledged(HubProcess hub, String number) {
        try {
            Rest rest = new Rest(hub::uri, hub.token());
            String body = "{\"n\":" + number + "}";
            return rest.post(CHANNEL, "application/json", body, "Idempotency-Key", number)
                            .statusCode()
                    < 300;
        } catch (IOException e) {
            return false;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonObject ask(ChildProcess storm, String command, Object argument)
            throws Exception {
        storm.say(new JsonArray().add(command).add(argument).encode());
        return new JsonObject(storm.hear(120));
    }
}
