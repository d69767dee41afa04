package io.anabranch.config;

import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * One {@code --set path=value}. The value is YAML: {@code 8081}, {@code true}, {@code [a, b]}.
 *
 * @param value null for an empty one: not set
 */
record Assignment(KeyPath path, @Nullable Object value) {
    private static final String CHANNELS = "channels";
    private static final String EXPECTED =
            "path=value, such as http.port=8081 or channels.\"chat:*\".presence=true";

    /** The assignment that {@code text} writes; empty, and a line in {@code problems}, for none. */
    static Optional<Assignment> parse(String text, List<String> problems) {
        int equals = text.indexOf('=');
        Optional<KeyPath> path =
                equals < 0 ? Optional.empty() : KeyPath.parse(text.substring(0, equals));
        if (path.isEmpty()) {
            String shown = equals < 0 ? text : text.substring(0, equals) + "=…";
            problems.add(SchemaCheck.wrong("--set", Refusal.shown(shown), EXPECTED));
            return Optional.empty();
        }
        try {
            return Optional.of(new Assignment(path.get(), Yaml.read(text.substring(equals + 1))));
        } catch (YAMLException e) {
            problems.add(SchemaCheck.wrong("--set " + path.get(), "no YAML value", "such as 8081"));
            return Optional.empty();
        }
    }

    /**
     * Puts the value where the path leads. A channel rule that the file has not goes before those
     * that it has, as the first match wins.
     */
    void applyTo(JsonObject root, List<String> problems) {
        Object place = root;
        List<Object> segments = path.segments();
        for (int i = 0; i < segments.size(); i++) {
            boolean last = i == segments.size() - 1;
            Object next = last ? value : container(place, segments, i);
            if (!put(place, segments.get(i), next)) {
                problems.add(
                        "--set "
                                + path
                                + ": no such place (expected: an item of the list, or the"
                                + " next one)");
                return;
            }
            if (!last && next != null) {
                place = next;
            }
        }
    }

    private static Object container(Object place, List<Object> segments, int i) {
        Object present = get(place, segments.get(i));
        boolean fits =
                segments.get(i + 1) instanceof Integer
                        ? present instanceof JsonArray
                        : present instanceof JsonObject;
        if (fits && present != null) {
            return present;
        }
        return segments.get(i + 1) instanceof Integer ? new JsonArray() : new JsonObject();
    }

    private static @Nullable Object get(Object place, Object segment) {
        if (segment instanceof Integer index) {
            JsonArray list = (JsonArray) place;
            return index < list.size() ? list.getValue(index) : null;
        }
        return ((JsonObject) place).getValue((String) segment);
    }

    private boolean put(Object place, Object segment, @Nullable Object next) {
        if (segment instanceof Integer index) {
            JsonArray list = (JsonArray) place;
            if (index == list.size()) {
                list.add(next);
            } else if (index < list.size()) {
                list.set(index, next);
            }
            return index < list.size();
        }
        JsonObject section = (JsonObject) place;
        boolean isNewRule =
                path.segments().get(0).equals(CHANNELS)
                        && path.segments().size() > 1
                        && path.segments().get(1) == segment
                        && !section.containsKey((String) segment);
        JsonObject rest = isNewRule ? section.copy() : new JsonObject();
        if (isNewRule) {
            section.clear();
        }
        section.put((String) segment, next);
        rest.forEach(rule -> section.put(rule.getKey(), rule.getValue()));
        return true;
    }
}
