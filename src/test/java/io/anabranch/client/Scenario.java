package io.anabranch.client;

import static io.anabranch.client.Expectations.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.Grants;
import io.anabranch.testing.FaultControl;
import io.anabranch.testing.FaultProxy;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * One scenario of {@code src/client/scenarios.json}, with a hub and a fault proxy of its own. Every
 * message carries the next number of its channel, so what is lost, repeated or out of order shows.
 */
final class Scenario implements AutoCloseable {
    private static final List<String> ALL = List.of("*");

    private final ScenarioClient client;
    private final JsonArray steps;
    private final TestHub hub = new TestHub();
    private final FaultProxy proxy;
    private final FaultControl control;
    private final ClientLog log;
    private final Set<String> subscriptions = new LinkedHashSet<>();
    private final List<WsClient> others = new ArrayList<>();

    /** Channel → the number of its newest message. */
    private final Map<String, Integer> newest = new TreeMap<>();

    private final Expectations expectations;
    private final List<CompletableFuture<JsonObject>> publishes = new ArrayList<>();

    Scenario(ClientProcess process, JsonObject scenario) throws Exception {
        client = new ScenarioClient(process, scenario.getString("name"));
        steps = scenario.getJsonArray("steps");
        JsonObject options = scenario.getJsonObject("hub", new JsonObject());
        hub.heartbeat(options.getInteger("heartbeat", 15_000));
        options.getJsonObject("retain", new JsonObject())
                .forEach(rule -> hub.retain(rule.getKey(), (Integer) rule.getValue()));
        if (options.getBoolean("services", false)) {
            hub.verticles(EchoService.class.getName());
        }
        if (options.containsKey("presence")) {
            hub.presence(options.getString("presence"));
        }
        hub.start();
        proxy = new FaultProxy(hub.port(), 1);
        control = new FaultControl(proxy);
        log = client.log();
        expectations = new Expectations(client, log, subscriptions, newest);
    }

    void run() throws Exception {
        for (Object step : steps) {
            try {
                take((JsonObject) step);
            } catch (Throwable e) {
                throw new AssertionError("at " + step + ": " + e.getMessage() + told(), e);
            }
        }
        expectations.holdAtTheEnd();
    }

    private String told() {
        return "\nstates %s\ntransports %s\ngaps %s\nerrors %s"
                .formatted(
                        log.values("state"),
                        log.values("transport"),
                        log.values("gap"),
                        log.values("error"));
    }

    private void take(JsonObject step) throws Exception {
        // The first member says what is done; the others are its details.
        switch (step.fieldNames().iterator().next()) {
            case "connect" -> connect(step.getJsonObject("connect"));
            case "subscribe" -> subscribe(step);
            case "update" -> client.ask("update", step.put("sub", step.getString("update")));
            case "settle" -> client.ask("history", new JsonObject().put("channel", "chat:a"));
            case "begun" -> step.getJsonArray("begun").forEach(sub -> begun((String) sub));
            case "until" -> until(step.getJsonObject("until"));
            case "closed" -> closed(step.getString("closed"));
            case "post" -> post(step.getString("post"), step.getInteger("count"));
            case "stream" -> stream(step);
            case "publish" -> publish(step);
            case "twice" -> twice(step.getString("twice"));
            case "refused" -> refused(step.getJsonObject("refused"));
            case "history" -> history(step);
            case "call" -> call(step);
            case "there" -> there(step);
            case "enters" -> enters(step);
            case "fault" -> fault(step);
            case "hub" -> restart();
            case "closes" -> closes();
            case "expect" -> expectations.expect(step);
            case "newest" -> expectations.newest(step.getJsonObject("newest"));
            case "tail" -> expectations.tail(step.getJsonObject("tail"));
            case "stored" -> stored(step.getJsonObject("stored"));
            case "told" -> expectations.told(step.getJsonObject("told"));
            default -> throw new IllegalArgumentException("no such step");
        }
    }

    // ---- the client

    private void connect(JsonObject options) throws Exception {
        JsonArray tokens = new JsonArray();
        for (Object token : options.getJsonArray("tokens", new JsonArray().add(new JsonObject()))) {
            tokens.add(token((JsonObject) token));
        }
        JsonObject details = options.copy().put("tokens", tokens);
        client.ask("connect", details.put("url", proxy.uri("/").toString()));
    }

    private String token(JsonObject grants) {
        List<String> subscribe = texts(grants.getJsonArray("subscribe", new JsonArray(ALL)));
        List<String> publish = texts(grants.getJsonArray("publish", new JsonArray(ALL)));
        Duration ttl = Duration.ofMillis(grants.getInteger("ttl", 300_000));
        return hub.token("alice", new Grants(subscribe, publish, ALL, ALL, false), ttl);
    }

    private static List<String> texts(JsonArray array) {
        return array.stream().map(String.class::cast).toList();
    }

    private void subscribe(JsonObject step) throws Exception {
        String sub = step.getString("subscribe");
        subscriptions.add(sub);
        client.ask("subscribe", step.copy().put("sub", sub));
    }

    private void begun(String sub) {
        eventually(() -> client.look(sub).getString("cursor") != null);
    }

    private void closed(String sub) {
        eventually(() -> client.look(sub).getBoolean("closed"));
    }

    private void until(JsonObject condition) {
        eventually(() -> holds(condition));
    }

    private boolean holds(JsonObject condition) throws Exception {
        JsonObject now = client.look();
        for (String name : List.of("state", "transport")) {
            if (condition.containsKey(name)
                    && !condition.getString(name).equals(now.getString(name))) {
                return false;
            }
        }
        Integer status = condition.getInteger("error");
        return status == null
                || log.objects("error").stream()
                        .anyMatch(error -> status.equals(error.getInteger("status")));
    }

    private void publish(JsonObject step) throws Exception {
        String channel = step.getString("publish");
        int cutEvery = step.getInteger("cutEvery", Integer.MAX_VALUE);
        for (int i = 1; i <= step.getInteger("count"); i++) {
            publishes.add(client.send("publish", next(channel)));
            if (i % cutEvery == 0) {
                // Some are answered, some under way.
                ClientProcess.ok(publishes.get(publishes.size() - cutEvery / 2));
                proxy.reset(FaultProxy.Which.ALL);
            }
        }
        if (step.getBoolean("answered", true)) {
            for (CompletableFuture<JsonObject> each : publishes) {
                ClientProcess.ok(each);
            }
        }
    }

    private void twice(String channel) throws Exception {
        JsonObject item = next(channel).put("options", new JsonObject().put("dedup", "d-1"));
        String id = client.ask("publish", item).getString("id");
        assertThat(client.ask("publish", item).getString("id")).isEqualTo(id);
        assertThat(stored(channel)).hasSize(1);
    }

    private void refused(JsonObject step) throws Exception {
        JsonObject item =
                new JsonObject()
                        .put("channel", step.getString("publish"))
                        .put("data", new JsonObject().put("n", 0));
        JsonObject error = ClientProcess.error(client.send("publish", item));
        assertThat(error.getInteger("status")).isEqualTo(step.getInteger("status"));
        if (step.containsKey("code")) {
            assertThat(error.getString("code")).isEqualTo(step.getString("code"));
        }
    }

    private void history(JsonObject step) throws Exception {
        JsonObject page =
                client.ask("history", step.copy().put("channel", step.getString("history")));
        List<Integer> numbers =
                page.getJsonArray("messages").stream()
                        .map(message -> ClientLog.number((JsonObject) message))
                        .toList();
        assertThat(numbers).isEqualTo(Numbers.parse(step.getString("gives")));
        assertThat(page.getBoolean("more")).isEqualTo(step.getBoolean("more"));
        assertThat(page.getString("cursor")).isNotEmpty();
    }

    private void call(JsonObject step) throws Exception {
        JsonObject details =
                new JsonObject()
                        .put("service", step.getString("call"))
                        .put("data", step.getValue("data"));
        if (step.containsKey("status")) {
            JsonObject error = ClientProcess.error(client.send("call", details));
            assertThat(error.getInteger("status")).isEqualTo(step.getInteger("status"));
        } else {
            assertThat(client.ask("call", details).getValue("data"))
                    .isEqualTo(step.getValue("gives"));
        }
    }

    private void there(JsonObject step) {
        JsonObject details = new JsonObject().put("channel", step.getString("there"));
        List<String> users = texts(step.getJsonArray("users"));
        eventually(
                () -> {
                    JsonObject there = client.ask("presence", details);
                    List<String> told =
                            there.getJsonArray("users").stream()
                                    .map(member -> ((JsonObject) member).getString("user"))
                                    .sorted()
                                    .toList();
                    return there.getInteger("count") == users.size() && told.equals(users);
                });
    }

    /** Somebody else subscribes, and the client is told so. */
    private void enters(JsonObject step) throws Exception {
        String channel = step.getString("enters");
        String user = step.getString("user");
        others.add(new WsClient(hub, "/ws?channel=" + channel, hub.token(user)));
        eventually(
                () ->
                        log.objects("join").stream()
                                .anyMatch(
                                        news ->
                                                channel.equals(news.getString("channel"))
                                                        && user.equals(news.getString("user"))));
    }

    private void closes() throws Exception {
        client.ask("close");
        assertThat(client.look().getString("state")).isEqualTo("closed");
    }

    // ---- the hub, and the network before it

    private JsonObject next(String channel) {
        int number = newest.merge(channel, 1, Integer::sum);
        return new JsonObject()
                .put("channel", channel)
                .put("data", new JsonObject().put("n", number));
    }

    private Rest rest() {
        return new Rest(hub, hub.token("bob"));
    }

    private void post(String channel, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            rest().publish(channel, next(channel).getJsonObject("data").encode());
        }
    }

    private void stream(JsonObject step) {
        List<String> channels = texts(step.getJsonArray("stream"));
        long end = System.nanoTime() + step.getInteger("for", 0) * 1_000_000L;
        JsonObject condition = step.getJsonObject("until", new JsonObject());
        eventually(
                () -> {
                    for (String channel : channels) {
                        post(channel, 1);
                    }
                    return System.nanoTime() > end && holds(condition);
                });
    }

    private void fault(JsonObject step) {
        control.act("/" + step.getString("fault"), step);
    }

    private void restart() throws Exception {
        hub.stop();
        hub.start();
        proxy.target(hub.port());
    }

    private void stored(JsonObject ranges) throws Exception {
        for (CompletableFuture<JsonObject> each : publishes) {
            assertThat(ClientProcess.ok(each).getString("id")).isNotEmpty();
        }
        for (var each : Numbers.ofChannels(ranges).entrySet()) {
            assertThat(stored(each.getKey())).isEqualTo(each.getValue());
        }
    }

    private List<Integer> stored(String channel) throws Exception {
        return rest().history(channel, "limit=1000").stream()
                .map(message -> ClientLog.number((JsonObject) message))
                .toList();
    }

    @Override
    public void close() throws Exception {
        client.send("close", new JsonObject());
        others.forEach(WsClient::close);
        control.close();
        proxy.close();
        hub.stop();
    }
}
