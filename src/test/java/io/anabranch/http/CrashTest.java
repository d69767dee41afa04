package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.sqlite.SqliteArchive;
import io.anabranch.message.MessageId;
import io.anabranch.testing.HubProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hub that is killed under load, again and again: what it acknowledged is there once, in order,
 * and no id comes twice. More rounds: {@code mvn test -Dtest=CrashTest -Dcrash.rounds=500}.
 */
@Tag("long")
class CrashTest {
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 30);
    private static final int PUBLISHERS = 4;
    private static final int BATCH = 50;
    private static final String TICKER = "ticker:x";
    private static final String BULK = "bulk:x";
    private static final int BULK_KEPT = 20;

    /** So that the write-ahead log is being copied in many of the moments of a crash. */
    private static final String BULKY = "x".repeat(50_000);

    /** From this size on the write-ahead log is copied for as long as something comes. */
    private static final long COPIED_BYTES = 1_000 * 4_096;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Random random = new Random();
    private final AtomicInteger keys = new AtomicInteger();

    /** The acknowledged ids of durable messages by their keys. */
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

    /** All ids ever heard of, and whose they are. */
    private final Map<String, String> ids = new ConcurrentHashMap<>();

    private final Set<String> epochs = ConcurrentHashMap.newKeySet();
    private volatile boolean running;
    private volatile String newestTick = "";
    private volatile String newestKey = "";
    private volatile String newestBulk = "";

    @TempDir private Path directory;
    private String token = "";
    private HubProcess hub;

    @AfterEach
    void stop() throws Exception {
        hub.close();
        threads.shutdownNow();
    }

    @Test
    void losesAndRepeatsNothingThatItAcknowledged() throws Exception {
        hub = new HubProcess(directory, List.of());
        token = hub.token();
        for (int round = 0; round < ROUNDS; round++) {
            hub.start();
            check();
            List<Future<?>> load = publish();
            if (round % 3 == 2) {
                awaitCopying();
            }
            // The moment of the crash: what is under test, and not a wait for something.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50 + random.nextInt(500)));
            hub.kill();
            running = false;
            for (Future<?> one : load) {
                one.get(20, TimeUnit.SECONDS);
            }
        }
        hub.start();
        check();
        assertThat(epochs).hasSize(1);
        assertThat(acknowledged).hasSizeGreaterThan(ROUNDS);
        if (System.getProperty("crash.rounds") != null) {
            System.out.printf(
                    "%d rounds, %d acknowledged, 0 lost, 0 repeated%n",
                    ROUNDS, acknowledged.size());
        }
    }

    private void awaitCopying() {
        Path wal = Path.of(hub.log() + "-wal");
        Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .pollInterval(10, TimeUnit.MILLISECONDS)
                .until(() -> Files.exists(wal) && Files.size(wal) >= COPIED_BYTES);
    }

    private List<Future<?>> publish() {
        running = true;
        List<Future<?>> load = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            String channel = "chat:" + i % 2;
            load.add(threads.submit(() -> whileItRuns(() -> post(channel))));
        }
        load.add(threads.submit(() -> whileItRuns(this::batch)));
        load.add(threads.submit(() -> whileItRuns(this::tick)));
        load.add(threads.submit(() -> whileItRuns(this::bulk)));
        return load;
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private Void whileItRuns(Step step) throws InterruptedException {
        while (running) {
            try {
                step.run();
            } catch (IOException e) {
                return null;
            }
        }
        return null;
    }

    private HttpResponse<String> send(String path, String type, String body, String key)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(hub.uri("/api/v1/" + path))
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString(body));
        if (!key.isEmpty()) {
            request.header("Idempotency-Key", key);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private void post(String channel) throws IOException, InterruptedException {
        String key = "k" + keys.incrementAndGet();
        String path = "channels/" + channel + "/messages";
        HttpResponse<String> response = send(path, "application/json", json(key), key);
        assertThat(response.statusCode()).isEqualTo(201);
        acknowledge(key, new JsonObject(response.body()).getString("id"));
        if (channel.equals("chat:0")) {
            newestKey = key;
        }
    }

    private static String json(String key) {
        return "\"" + key + "\"";
    }

    private void batch() throws IOException, InterruptedException {
        List<String> sent = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < BATCH; i++) {
            String key = "k" + keys.incrementAndGet();
            sent.add(key);
            lines.append("{\"channel\":\"chat:").append(i % 3).append("\",\"data\":");
            lines.append(json(key)).append(",\"dedup\":").append(json(key)).append("}\n");
        }
        HttpResponse<String> response =
                send("messages", "application/x-ndjson", lines.toString(), "");
        JsonArray results = new JsonArray(response.body());
        for (int i = 0; i < BATCH; i++) {
            acknowledge(sent.get(i), results.getJsonObject(i).getString("id"));
        }
    }

    private void tick() throws IOException, InterruptedException {
        String key = "t" + keys.incrementAndGet();
        String path = "channels/" + TICKER + "/messages";
        HttpResponse<String> response = send(path, "application/json", json(key), "");
        String id = new JsonObject(response.body()).getString("id");
        know(id, key);
        newestTick = id;
    }

    /** Of a channel that keeps little, so that much is removed as well. */
    private void bulk() throws IOException, InterruptedException {
        StringBuilder lines = new StringBuilder();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            String key = "b" + keys.incrementAndGet();
            sent.add(key);
            lines.append("{\"channel\":\"bulk:x\",\"data\":");
            lines.append(json(key + BULKY)).append("}\n");
        }
        HttpResponse<String> response =
                send("messages", "application/x-ndjson", lines.toString(), "");
        JsonArray results = new JsonArray(response.body());
        for (int i = 0; i < BATCH; i++) {
            newestBulk = results.getJsonObject(i).getString("id");
            know(newestBulk, sent.get(i));
        }
    }

    private void acknowledge(String key, String id) {
        acknowledged.put(key, id);
        know(id, key);
    }

    private void know(String id, String key) {
        epochs.add(MessageId.parse("id", id).epoch());
        String other = ids.putIfAbsent(id, key);
        assertThat(other == null || other.equals(key))
                .as("%s is the id of %s and of %s", id, other, key)
                .isTrue();
    }

    private void check() throws Exception {
        Map<String, String> found = new HashMap<>();
        for (int i = 0; i < 3; i++) {
            readAll("chat:" + i, found);
        }
        readAll(TICKER, found);
        found.forEach((key, id) -> know(id, key));
        acknowledged.forEach((key, id) -> assertThat(found).containsEntry(key, id));
        checkBulk();
        new SqliteArchive(hub.log()).check();
        checkTheGap();
        checkThatARepeatIsKnown();
    }

    /** The newest that was acknowledged is there, or as many newer ones as the channel keeps. */
    private void checkBulk() throws Exception {
        Map<String, String> found = new HashMap<>();
        readAll(BULK, found);
        String newest = newestBulk;
        if (!newest.isEmpty() && !found.containsValue(newest)) {
            long seq = MessageId.parse("id", newest).seq();
            assertThat(found.values())
                    .filteredOn(id -> MessageId.parse("id", id).seq() > seq)
                    .hasSizeGreaterThanOrEqualTo(BULK_KEPT);
        }
    }

    /** Ids by keys, of a chain that must be whole. */
    private void readAll(String channel, Map<String, String> found) throws Exception {
        String after = "";
        String last = "";
        boolean more = true;
        while (more) {
            JsonObject page = history(channel, after);
            for (Object one : page.getJsonArray("messages")) {
                JsonObject message = (JsonObject) one;
                if (!last.isEmpty()) {
                    assertThat(message.getString("prev")).isEqualTo(last);
                }
                last = message.getString("id");
                assertThat(found.put(message.getString("data"), last)).as("once").isNull();
            }
            after = "&after=" + page.getString("cursor");
            more = page.getBoolean("more");
        }
    }

    private JsonObject history(String channel, String query) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(
                                hub.uri(
                                        "/api/v1/channels/"
                                                + channel
                                                + "/messages?limit=1000"
                                                + query))
                        .header("Authorization", "Bearer " + token)
                        .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    /** A reader of the ticker hears of the loss; one of a durable channel has none. */
    private void checkTheGap() throws Exception {
        String tick = newestTick;
        if (tick.isEmpty()) {
            return;
        }
        JsonObject page = history(TICKER, "&after=" + tick);
        assertThat(page.getJsonObject("gap").getString("reason")).isEqualTo("expired");
        assertThat(history("chat:0", "&after=" + tick).containsKey("gap")).isFalse();
    }

    /** A publisher that lost the answer asks again, of the next process. */
    private void checkThatARepeatIsKnown() throws Exception {
        String key = newestKey;
        if (key.isEmpty()) {
            return;
        }
        String path = "channels/chat:0/messages";
        HttpResponse<String> response = send(path, "application/json", json(key), key);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(response.body()).getString("id"))
                .isEqualTo(acknowledged.get(key));
    }
}
