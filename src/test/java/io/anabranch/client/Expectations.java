package io.anabranch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** What a client must have been given and told in a {@link Scenario}. */
final class Expectations {
    private final ScenarioClient client;
    private final ClientLog log;
    private final Set<String> subscriptions;
    private final Map<String, Integer> sent;

    /** Subscription → what it must have been given by the end, and nothing more. */
    private final Map<String, Map<String, List<Integer>>> expected = new TreeMap<>();

    /**
     * @param subscriptions what the scenario has subscribed to, as it goes on
     * @param sent channel → the number of its newest message, as the scenario goes on
     */
    Expectations(
            ScenarioClient client,
            ClientLog log,
            Set<String> subscriptions,
            Map<String, Integer> sent) {
        this.client = client;
        this.log = log;
        this.subscriptions = subscriptions;
        this.sent = sent;
    }

    /** What came too often may have come after it was counted. */
    void holdAtTheEnd() {
        expected.forEach((sub, numbers) -> assertThat(log.numbers(sub)).isEqualTo(numbers));
    }

    static void eventually(Callable<Boolean> condition) {
        await().atMost(40, TimeUnit.SECONDS)
                .pollInterval(30, TimeUnit.MILLISECONDS)
                .until(condition);
    }

    void expect(JsonObject step) {
        if (step.getValue("expect") instanceof JsonObject each) {
            for (String sub : each.fieldNames()) {
                expected.put(sub, Numbers.ofChannels(each.getJsonObject(sub)));
            }
        } else {
            var everything = new JsonObject();
            sent.forEach((channel, number) -> everything.put(channel, "1-" + number));
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

    void newest(JsonObject step) {
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

    void tail(JsonObject step) {
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

    /** What was told is not ordered among the messages, so it may come after the last of them. */
    void told(JsonObject step) {
        await().atMost(40, TimeUnit.SECONDS)
                .pollInterval(30, TimeUnit.MILLISECONDS)
                .untilAsserted(() -> hasTold(step));
    }

    private void hasTold(JsonObject step) throws Exception {
        for (String name : List.of("transport", "state")) {
            if (step.containsKey(name)) {
                assertThat(log.values(name)).as(name).isEqualTo(step.getJsonArray(name).getList());
            }
        }
        if (step.containsKey("tokens")) {
            assertThat(client.look().getInteger("tokens"))
                    .as("tokens asked for")
                    .isEqualTo(step.getInteger("tokens"));
        }
        if (step.containsKey("gaps")) {
            hasTold(step.getJsonArray("gaps"), log.objects("gap"));
        }
        if (step.containsKey("errors")) {
            hasTold(step.getJsonArray("errors"), log.objects("error"));
        }
    }

    /** Each event has at least what the scenario says of it. */
    private void hasTold(JsonArray expected, List<JsonObject> events) {
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
}
