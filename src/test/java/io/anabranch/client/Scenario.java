package io.anabranch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One scenario of {@code src/client/scenarios.json}, with a hub and a fault proxy of its own. Every
 * message carries the next number of its channel, so what is lost, repeated or out of order shows.
 */
final class Scenario implements AutoCloseable {
    private static final List<String> ALL = List.of("*");

    private final ClientProcess client;
    private final String name;
    private final JsonArray steps;
    private final TestHub hub = new TestHub();
    private final FaultProxy proxy;
    private final FaultControl control;
    private final ClientLog log;
    private final Set<String> subscriptions = new LinkedHashSet<>();
    private final List<WsClient> others = new ArrayList<>();

    /** Channel → the number of its newest message. */
    private final Map<String, Integer> newest = new TreeMap<>();

    /** Subscription → what it must have been given by the end, and nothing more. */
    private final Map<String, Map<String, List<Integer>>> expected = new TreeMap<>();

    private final List<CompletableFuture<JsonObject>> publishes = new ArrayList<>();

    Scenario(ClientProcess client, JsonObject scenario) throws Exception {
        this.client = client;
        name = scenario.getString("name");
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
        log = client.log(name);
    }

    void run() throws Exception {
        for (Object step : steps) {
            try {
                take((JsonObject) step);
            } catch (Throwable e) {
                throw new AssertionError("at " + step + ": " + e.getMessage() + told(), e);
            }
        }
        // What came too often may have come after it was counted.
        expected.forEach((sub, numbers) -> assertThat(log.numbers(sub)).isEqualTo(numbers));
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
            case "update" -> ask("update", step.put("sub", step.getString("update")));
            case "settle" -> ask("history", new JsonObject().put("channel", "chat:a"));
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
            case "expect" -> expect(step);
            case "newest" -> newest(step.getJsonObject("newest"));
            case "tail" -> tail(step.getJsonObject("tail"));
            case "stored" -> stored(step.getJsonObject("stored"));
            case "told" -> told(step.getJsonObject("told"));
            default -> throw new IllegalArgumentException("no such step");
        }
    }

    // ---- the client

    private CompletableFuture<JsonObject> send(String what, JsonObject details) throws Exception {
        return client.ask(details.copy().put("do", what).put("hub", name));
    }

    private JsonObject ask(String what, JsonObject details) throws Exception {
        return ClientProcess.ok(send(what, details));
    }

    private void connect(JsonObject options) throws Exception {
        JsonArray tokens = new JsonArray();
        for (Object token : options.getJsonArray("tokens", new JsonArray().add(new JsonObject()))) {
            tokens.add(token((JsonObject) token));
        }
        JsonObject details = options.copy().put("tokens", tokens);
        ask("connect", details.put("url", proxy.uri("/").toString()));
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
        ask("subscribe", step.copy().put("sub", sub));
    }

    private void begun(String sub) {
        eventually(() -> look(sub).getString("cursor") != null);
    }

    private void closed(String sub) {
        eventually(() -> look(sub).getBoolean("closed"));
    }

    private JsonObject look(String sub) throws Exception {
        return ask("look", new JsonObject().put("sub", sub));
    }

    private void until(JsonObject condition) {
        eventually(() -> holds(condition));
    }

    private boolean holds(JsonObject condition) throws Exception {
        JsonObject now = ask("look", new JsonObject());
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
            publishes.add(send("publish", next(channel)));
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
        String id = ask("publish", item).getString("id");
        assertThat(ask("publish", item).getString("id")).isEqualTo(id);
        assertThat(stored(channel)).hasSize(1);
    }

    private void refused(JsonObject step) throws Exception {
        JsonObject item =
                new JsonObject()
                        .put("channel", step.getString("publish"))
                        .put("data", new JsonObject().put("n", 0));
        JsonObject error = ClientProcess.error(send("publish", item));
        assertThat(error.getInteger("status")).isEqualTo(step.getInteger("status"));
        if (step.containsKey("code")) {
            assertThat(error.getString("code")).isEqualTo(step.getString("code"));
        }
    }

    private void history(JsonObject step) throws Exception {
        JsonObject page = ask("history", step.copy().put("channel", step.getString("history")));
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
            JsonObject error = ClientProcess.error(send("call", details));
            assertThat(error.getInteger("status")).isEqualTo(step.getInteger("status"));
        } else {
            assertThat(ask("call", details).getValue("data")).isEqualTo(step.getValue("gives"));
        }
    }

    private void there(JsonObject step) {
        JsonObject details = new JsonObject().put("channel", step.getString("there"));
        List<String> users = texts(step.getJsonArray("users"));
        eventually(
                () -> {
                    JsonObject there = ask("presence", details);
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
        ask("close", new JsonObject());
        assertThat(ask("look", new JsonObject()).getString("state")).isEqualTo("closed");
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

    // ---- what must be

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(40, TimeUnit.SECONDS)
                .pollInterval(30, TimeUnit.MILLISECONDS)
                .until(condition);
    }

    private void expect(JsonObject step) {
        if (step.getValue("expect") instanceof JsonObject each) {
            for (String sub : each.fieldNames()) {
                expected.put(sub, Numbers.ofChannels(each.getJsonObject(sub)));
            }
        } else {
            var everything = new JsonObject();
            newest.forEach((channel, number) -> everything.put(channel, "1-" + number));
            subscriptions.forEach(sub -> expected.put(sub, Numbers.ofChannels(everything)));
        }
        expected.forEach(
                (sub, numbers) -> {
                    int count = numbers.values().stream().mapToInt(List::size).sum();
                    await().atMost(40, TimeUnit.SECONDS)
                            .untilAsserted(
                                    () ->
                                            assertThat(log.messages(sub))
                                                    .hasSizeGreaterThanOrEqualTo(count));
                    assertThat(log.numbers(sub)).isEqualTo(numbers);
                });
    }

    private void newest(JsonObject step) {
        for (String sub : step.fieldNames()) {
            JsonObject channels = step.getJsonObject(sub);
            String channel = channels.fieldNames().iterator().next();
            eventually(() -> numbers(sub, channel).contains(channels.getInteger(channel)));
            assertThat(numbers(sub, channel))
                    .hasSizeLessThanOrEqualTo(channels.getInteger("atMost"))
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .endsWith(channels.getInteger(channel));
        }
    }

    private void tail(JsonObject step) {
        for (String sub : step.fieldNames()) {
            Numbers.ofChannels(step.getJsonObject(sub))
                    .forEach(
                            (channel, numbers) -> {
                                int last = numbers.get(numbers.size() - 1);
                                eventually(() -> numbers(sub, channel).contains(last));
                                assertThat(numbers(sub, channel))
                                        .endsWith(numbers.toArray(Integer[]::new));
                            });
        }
    }

    private List<Integer> numbers(String sub, String channel) {
        return log.numbers(sub).getOrDefault(channel, List.of());
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

    private void told(JsonObject step) throws Exception {
        for (String name : List.of("transport", "state")) {
            if (step.containsKey(name)) {
                assertThat(log.values(name)).as(name).isEqualTo(step.getJsonArray(name).getList());
            }
        }
        if (step.containsKey("tokens")) {
            assertThat(ask("look", new JsonObject()).getInteger("tokens"))
                    .as("tokens asked for")
                    .isEqualTo(step.getInteger("tokens"));
        }
        if (step.containsKey("gaps")) {
            told(step.getJsonArray("gaps"), log.objects("gap"));
        }
        if (step.containsKey("errors")) {
            told(step.getJsonArray("errors"), log.objects("error"));
        }
    }

    /** Each event has at least what the scenario says of it. */
    private void told(JsonArray expected, List<JsonObject> events) {
        assertThat(events).hasSameSizeAs(expected.getList());
        for (int i = 0; i < events.size(); i++) {
            JsonObject event = events.get(i);
            JsonObject wanted = expected.getJsonObject(i).copy();
            if (wanted.remove("between") instanceof JsonArray numbers) {
                between(event, numbers.getInteger(0), numbers.getInteger(1));
            }
            assertThat(event.getMap()).containsAllEntriesOf(wanted.getMap());
        }
    }

    /** A gap lies between two messages, and says so by their ids. */
    private void between(JsonObject gap, int before, int behind) {
        Map<Integer, JsonObject> messages = new TreeMap<>();
        for (JsonObject message : log.messages(subscriptions.iterator().next())) {
            messages.put(ClientLog.number(message), message);
        }
        assertThat(gap.getString("after")).isEqualTo(messages.get(before).getString("id"));
        assertThat(gap.getString("resumed")).isEqualTo(messages.get(behind).getString("prev"));
    }

    @Override
    public void close() throws Exception {
        send("close", new JsonObject());
        others.forEach(WsClient::close);
        control.close();
        proxy.close();
        hub.stop();
    }
}
