package io.anabranch.client;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What one hub object has told: its events in order. Safe for any thread. */
final class ClientLog {
    private final List<JsonObject> events = new ArrayList<>();

    synchronized void add(JsonObject event) {
        events.add(event);
    }

    synchronized List<JsonObject> events(String name) {
        return events.stream().filter(event -> event.getString("event").equals(name)).toList();
    }

    /** The values of all events of a name, but for those that tell that there is none. */
    List<Object> values(String name) {
        return events(name).stream()
                .map(event -> event.getValue("value"))
                .filter(value -> value != null)
                .toList();
    }

    List<JsonObject> objects(String name) {
        return values(name).stream().map(JsonObject.class::cast).toList();
    }

    List<JsonObject> messages(String subscription) {
        return events("message").stream()
                .filter(event -> event.getString("sub").equals(subscription))
                .map(event -> event.getJsonObject("value"))
                .toList();
    }

    /** Channel → the numbers that a subscription was given, in the order in which they came. */
    Map<String, List<Integer>> numbers(String subscription) {
        Map<String, List<Integer>> numbers = new TreeMap<>();
        for (JsonObject message : messages(subscription)) {
            numbers.computeIfAbsent(message.getString("channel"), channel -> new ArrayList<>())
                    .add(number(message));
        }
        return numbers;
    }

    static int number(JsonObject message) {
        return message.getJsonObject("data").getInteger("n");
    }
}
