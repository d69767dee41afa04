package io.anabranch.continuity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A process of many {@link StormClient}s, which takes the same commands as {@code storm.js}: so
 * many clients of {@code anabranch.js} need more of a machine than the hub does.
 */
final class Storm {
    /** Clients that connect together at first. */
    private static final int WAVE = 200;

    /** Loopback addresses, so that there are ports for all. */
    private static final int ADDRESSES = 8;

    /** What happened to all clients of a process. */
    static final class Counts {
        long attempts;
        long received;
        long repeated;
        long skipped;
        long gaps;
    }

    private record Timer(long at, Runnable task) {}

    private final Selector selector = Selector.open();
    private final List<InetSocketAddress> hubs;
    private final int hopEveryMs;
    private final List<StormClient> clients = new ArrayList<>();
    private final Queue<Timer> timers = new PriorityQueue<>((a, b) -> Long.compare(a.at - b.at, 0));
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    private final Counts counts = new Counts();
    private final List<Long> outages = new ArrayList<>();
    private int open;
    private boolean hopping;

    private Storm(List<InetSocketAddress> hubs, int hopEveryMs) throws IOException {
        this.hubs = hubs;
        this.hopEveryMs = hopEveryMs;
    }

    /**
     * The argument is {@code {ports, token, count, hopEveryMs}} as JSON. Each connection goes to
     * any of the ports; from {@code hop} until {@code settle} each lasts for about {@code
     * hopEveryMs}.
     */
    public static void main(String[] args) throws Exception {
        JsonObject options = new JsonObject(args[0]);
        List<InetSocketAddress> hubs =
                options.getJsonArray("ports").stream()
                        .map(port -> new InetSocketAddress("127.0.0.1", (Integer) port))
                        .toList();
        Storm storm = new Storm(hubs, options.getInteger("hopEveryMs", 0));
        Thread loop = new Thread(storm::run, "storm");
        loop.setDaemon(true);
        loop.start();
        var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonArray command = new JsonArray(line);
            System.out.println(
                    switch (command.getString(0)) {
                        case "connect" -> storm.connect(options);
                        case "cut" -> storm.on(storm::cut);
                        case "forget" -> storm.on(storm::forget);
                        case "back" -> storm.back();
                        case "hop" -> storm.on(storm::hop);
                        case "settle" -> storm.settle();
                        case "read" -> storm.read(command.getJsonObject(1));
                        default -> throw new IllegalArgumentException(line);
                    });
        }
    }

    private JsonObject connect(JsonObject options) throws Exception {
        int count = options.getInteger("count");
        for (int from = 0; from < count; from += WAVE) {
            int begin = from;
            int end = Math.min(count, from + WAVE);
            on(() -> add(options.getString("token"), begin, end));
            until(() -> open == end);
        }
        return on(this::forget);
    }

    private JsonObject add(String token, int begin, int end) {
        for (int i = begin; i < end; i++) {
            var from = new InetSocketAddress("127.0.1." + (1 + i % ADDRESSES), 0);
            StormClient client = new StormClient(this, from, token);
            clients.add(client);
            client.connect();
        }
        return new JsonObject();
    }

    private JsonObject cut() {
        clients.forEach(StormClient::cut);
        return new JsonObject();
    }

    private JsonObject forget() {
        outages.clear();
        counts.attempts = 0;
        return new JsonObject();
    }

    /** Waits until each has been without a connection, and has one again. */
    private JsonObject back() throws Exception {
        until(() -> outages.size() >= clients.size() && open == clients.size());
        return on(
                () -> {
                    outages.sort(null);
                    return new JsonObject()
                            .put("open", open)
                            .put("attempts", counts.attempts)
                            .put("longest", outages.get(outages.size() - 1))
                            .put("median", outages.get(outages.size() / 2));
                });
    }

    private JsonObject hop() {
        hopping = true;
        clients.forEach(StormClient::hopLater);
        return new JsonObject();
    }

    /** From now on connections last; waits until all have one. */
    private JsonObject settle() throws Exception {
        on(() -> hopping = false);
        until(() -> open == clients.size());
        return on(() -> new JsonObject().put("open", open).put("attempts", counts.attempts));
    }

    /** Waits until each has read so far as {@code totals} says, which it may never do. */
    private JsonObject read(JsonObject totals) throws Exception {
        long end = System.nanoTime() + MILLISECONDS.toNanos(60_000);
        until(() -> missing(totals) == 0 || System.nanoTime() - end > 0);
        return on(
                () ->
                        new JsonObject()
                                .put("received", counts.received)
                                .put("lost", missing(totals) + counts.skipped)
                                .put("repeated", counts.repeated)
                                .put("gaps", counts.gaps));
    }

    private long missing(JsonObject totals) {
        long missing = 0;
        for (String channel : totals.fieldNames()) {
            long total = totals.getLong(channel);
            missing += clients.stream().mapToLong(it -> total - it.read(channel)).sum();
        }
        return missing;
    }

    /** Looks again and again, on the loop. */
    private void until(Callable<Boolean> condition) throws Exception {
        CompletableFuture<Void> met = new CompletableFuture<>();
        on(
                () -> {
                    look(condition, met);
                    return met;
                });
        met.get();
    }

    private void look(Callable<Boolean> condition, CompletableFuture<Void> met) {
        try {
            if (condition.call()) {
                met.complete(null);
            } else {
                after(20, () -> look(condition, met));
            }
        } catch (Exception e) {
            met.completeExceptionally(e);
        }
    }

    /** Runs {@code task} on the loop, and waits for it. */
    private <T> T on(Callable<T> task) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        tasks.add(
                () -> {
                    try {
                        done.complete(task.call());
                    } catch (Exception e) {
                        done.completeExceptionally(e);
                    }
                });
        selector.wakeup();
        return done.get();
    }

    private void run() {
        try {
            while (true) {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                selector.select(this::go, untilNextTimer());
                for (Timer next = timers.peek();
                        next != null && next.at - System.nanoTime() <= 0;
                        next = timers.peek()) {
                    timers.remove().task.run();
                }
            }
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private void go(SelectionKey key) {
        ((StormClient.Link) key.attachment()).go(key, buffer);
    }

    private long untilNextTimer() {
        Timer next = timers.peek();
        long left = next == null ? 1_000 : (next.at - System.nanoTime()) / 1_000_000;
        return Math.max(1, left);
    }

    void after(long ms, Runnable task) {
        timers.add(new Timer(System.nanoTime() + MILLISECONDS.toNanos(ms), task));
    }

    void isBack(long outageNanos) {
        open++;
        outages.add(outageNanos / 1_000_000);
    }

    void isAway() {
        open--;
    }

    Counts counts() {
        return counts;
    }

    Selector selector() {
        return selector;
    }

    /** Any of the hubs. */
    InetSocketAddress hub() {
        return hubs.get(ThreadLocalRandom.current().nextInt(hubs.size()));
    }

    /** Whether connections last only so long, and go over any transport. */
    boolean isHopping() {
        return hopping;
    }

    /** How long the next connection lasts, in ms. */
    long untilHop() {
        return ThreadLocalRandom.current().nextLong(2L * hopEveryMs);
    }
}
