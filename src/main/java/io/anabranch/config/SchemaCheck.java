package io.anabranch.config;

import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds what was written against {@link Schema}, and collects all that does not fit. */
final class SchemaCheck {
    private static final String HIDDEN = "(hidden)";

    private final Map<String, Object> values = new HashMap<>();
    private final List<String> problems;

    private SchemaCheck(List<String> problems) {
        this.problems = problems;
    }

    /** The values that fit; a line in {@code problems} for each that does not. */
    static Settings check(JsonObject written, List<String> problems) {
        SchemaCheck check = new SchemaCheck(problems);
        check.section(SchemaNode.root(), KeyPath.ROOT, written);
        return new Settings(written, check.values);
    }

    private void value(SchemaNode node, KeyPath path, @Nullable Object value) {
        if (value == null) {
            return;
        }
        Schema.Key key = node.key();
        SchemaNode item = node.item();
        if (key != null) {
            leaf(key, path, value);
        } else if (item != null) {
            list(item, path, value);
        } else if (value instanceof JsonObject section) {
            section(node, path, section);
        } else {
            problems.add(wrong(path, Refusal.shown(value), expectedSection(node)));
        }
    }

    private void leaf(Schema.Key key, KeyPath path, Object value) {
        Optional<Object> converted = key.type().converted().apply(value);
        if (converted.isPresent()) {
            values.put(path.toString(), converted.get());
            return;
        }
        String shown = key.type().hidden() ? HIDDEN : Refusal.shown(value);
        problems.add(wrong(path, shown, key.type().expected()));
    }

    private void list(SchemaNode item, KeyPath path, Object value) {
        if (!(value instanceof JsonArray array)) {
            problems.add(wrong(path, Refusal.shown(value), "a list"));
            return;
        }
        for (int i = 0; i < array.size(); i++) {
            Object element = array.getValue(i);
            if (element == null) {
                problems.add(wrong(path.with(i), "empty", expectedSection(item)));
            }
            value(item, path.with(i), Settings.whole(element));
        }
    }

    private void section(SchemaNode node, KeyPath path, JsonObject section) {
        for (String name : section.fieldNames()) {
            SchemaNode child = node.child(name);
            if (child == null) {
                problems.add(path.with(name) + ": unknown key (" + hint(node, path, name) + ")");
            } else if (node.takesAnyName() && !isPattern(name)) {
                problems.add(
                        path.with(name) + ": no channel pattern (expected: such as \"chat:*\")");
            } else {
                value(child, path.with(name), section.getValue(name));
            }
        }
    }

    private static String hint(SchemaNode node, KeyPath path, String name) {
        return Nearest.to(name, node.names())
                .map(near -> path.with(near).toString())
                .or(() -> elsewhere(name))
                .map(near -> "did you mean " + near + "?")
                .orElse("expected: " + String.join(", ", node.names()));
    }

    /** The key that ends in this name, where one forgot what stands before it. */
    private static Optional<String> elsewhere(String name) {
        return Schema.keys().stream()
                .map(Schema.Key::path)
                .filter(path -> path.endsWith("." + name))
                .findFirst();
    }

    private static boolean isPattern(String name) {
        try {
            new ChannelPattern(name);
            return true;
        } catch (Refusal e) {
            return false;
        }
    }

    private static String expectedSection(SchemaNode node) {
        return node.takesAnyName()
                ? "a section with a channel pattern for each name"
                : "a section with " + String.join(", ", node.names());
    }

    static String wrong(Object path, String shown, String expected) {
        return path + ": " + shown + " (expected: " + expected + ")";
    }
}
