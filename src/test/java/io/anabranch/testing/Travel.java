package io.anabranch.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What clients need that change transport under load: a fault proxy before the hub, its control
 * port, and a thousand messages a second over twenty channels. {@code -Danabranch.seed=N} repeats
 * the faults of a run.
 */
public final class Travel implements AutoCloseable {
    private static final int PER_SECOND = 1_000;
    private static final int CHANNELS = 20;

    private final TestHub hub;
    private final long seed =
            Long.getLong("anabranch.seed", System.currentTimeMillis() % 1_000_000);
    private final FaultProxy proxy;
    private final FaultControl control;
    private final Load load;

    public Travel(TestHub hub) throws Exception {
        this.hub = hub;
        proxy = new FaultProxy(hub.port(), seed);
        control = new FaultControl(proxy);
        List<String> channels = IntStream.range(0, CHANNELS).mapToObj(i -> "load:" + i).toList();
        load = new Load(hub, channels, CHANNELS, PER_SECOND);
    }

    public FaultProxy proxy() {
        return proxy;
    }

    public Load load() {
        return load;
    }

    /** The options of a {@code Journey} (see {@code journey.js}). */
    public JsonObject options(String name, int clients) {
        List<String> all = List.of("*");
        JsonArray tokens = new JsonArray();
        for (int i = 0; i <= clients; i++) {
            tokens.add(hub.token(name + i, all, all, Duration.ofHours(24)));
        }
        return new JsonObject()
                .put("url", proxy.uri("/").toString())
                .put("control", control.url())
                .put("tokens", tokens)
                .put("seed", seed)
                .put("name", name);
    }

    /** What clients say that they have seen, with what it takes to repeat it. */
    public Report report(String json) {
        Report report = new Report(new JsonObject(json));
        System.out.printf(
                "seed %d, %.0f messages/s: %s%n", seed, load.rate(), report.json().encode());
        return report;
    }

    @Override
    public void close() throws InterruptedException {
        load.close();
        control.close();
        proxy.close();
    }
}
