package io.anabranch.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the numbers 1, 2, 3 … on each of some channels, at a steady rate over all of them, as
 * {@code {"n":1,"pad":"…"}} of about 200 bytes.
 */
public final class Load implements AutoCloseable {
    private static final int MOST_AT_ONCE = 200;
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final String PADDING = "x".repeat(80);

    private final List<String> channels;
    private final List<Rest> publishers;
    private final int perSecond;
    private final Thread thread = new Thread(this::run, "load");
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;
    private volatile long published;
    private long begunNanos;
    private long endedNanos;

    /**
     * @param users that share the work, so that none publishes more than a hub may allow one
     */
    public Load(TestHub hub, List<String> channels, int users, int perSecond) {
        this(
                IntStream.range(0, users)
                        .mapToObj(user -> new Rest(hub, token(hub, "load-" + user)))
                        .toList(),
                channels,
                perSecond);
    }

    /**
     * @param publishers that share the work
     */
    public Load(List<Rest> publishers, List<String> channels, int perSecond) {
        this.publishers = publishers;
        this.channels = channels;
        this.perSecond = perSecond;
    }

    private static String token(TestHub hub, String user) {
        return hub.token(user, List.of(), List.of("*"), Duration.ofHours(24));
    }

    public void start() {
        begunNanos = System.nanoTime();
        thread.start();
    }

    private void run() {
        try {
            for (int turn = 0; !stopping; turn++) {
                long due = perSecond * (System.nanoTime() - begunNanos) / 1_000_000_000L;
                int count = (int) Math.min(MOST_AT_ONCE, due - published);
                if (count > 0) {
                    publish(publishers.get(turn % publishers.size()), count);
                }
                LockSupport.parkNanos(EVERY_NANOS);
            }
        } catch (Exception | AssertionError e) {
            failure = e;
        }
        endedNanos = System.nanoTime();
    }

    private void publish(Rest rest, int count) throws Exception {
        JsonArray batch = new JsonArray();
        for (int i = 0; i < count; i++) {
            batch.add(next(published + i));
        }
        HttpResponse<String> response =
                rest.send("/api/v1/messages", "application/json", batch.encode());
        String body = response.body();
        if (response.statusCode() != 200 || body.contains("\"status\"")) {
            throw new AssertionError(response.statusCode() + ": " + body);
        }
        published += count;
    }

    private JsonObject next(long index) {
        String channel = channels.get((int) (index % channels.size()));
        long n = index / channels.size() + 1;
        return new JsonObject()
                .put("channel", channel)
                .put("data", new JsonObject().put("n", n).put("pad", PADDING));
    }

    /** Stops; the result says how far each channel went. */
    public JsonObject stop() throws Exception {
        close();
        Throwable failed = failure;
        if (failed != null) {
            throw new AssertionError("the load was not published", failed);
        }
        JsonObject totals = new JsonObject();
        for (int i = 0; i < channels.size(); i++) {
            totals.put(channels.get(i), (published - i + channels.size() - 1) / channels.size());
        }
        return totals;
    }

    public long published() {
        return published;
    }

    /** Messages a second, as they were published in fact. */
    public double rate() {
        return published * 1e9 / (endedNanos - begunNanos);
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join();
    }
}
