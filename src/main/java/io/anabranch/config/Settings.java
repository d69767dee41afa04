package io.anabranch.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values that were written and fit the schema; for the others, their defaults. Keys are asked
 * for by their path in {@link Schema}, with what {@code *} and {@code []} stand for beside it.
 */
final class Settings {
    private final JsonObject written;
    private final Map<String, Object> values;

    Settings(JsonObject written, Map<String, Object> values) {
        this.written = written;
        this.values = values;
    }

    Optional<String> text(String path, Object... place) {
        return find(path, place).map(String.class::cast);
    }

    int integer(String path, Object... place) {
        return (Integer) required(path, place);
    }

    long milliseconds(String path, Object... place) {
        return (Long) required(path, place);
    }

    /** Bytes on a disk. */
    long space(String path, Object... place) {
        return (Long) required(path, place);
    }

    boolean flag(String path, Object... place) {
        return (Boolean) required(path, place);
    }

    @SuppressWarnings("unchecked") // listOf(text) gives strings
    List<String> texts(String path, Object... place) {
        return (List<String>) required(path, place);
    }

    /** The value, or its default; empty when there is neither. */
    Optional<Object> find(String path, Object... place) {
        Object value = values.get(at(path, place).toString());
        return value == null ? standard(Schema.key(path)) : Optional.of(value);
    }

    /** The names in a section that takes any, in the order of the file. */
    List<String> names(String section) {
        return written.getValue(section) instanceof JsonObject named
                ? List.copyOf(named.fieldNames())
                : List.of();
    }

    /** An item of a list as a section: a text alone is its name. */
    static @Nullable Object whole(@Nullable Object item) {
        return item instanceof String name ? new JsonObject().put("name", name) : item;
    }

    /** How many items a list at the top has. */
    int size(String name) {
        return written.getValue(name) instanceof JsonArray list ? list.size() : 0;
    }

    /** How many items the list {@code section.name} has. */
    int size(String section, String name) {
        return written.getValue(section) instanceof JsonObject parent
                        && parent.getValue(name) instanceof JsonArray list
                ? list.size()
                : 0;
    }

    /** Whether an item of the list {@code section.name} has a value, be it a wrong one. */
    boolean isWritten(String section, String name, int item, String key) {
        return item < size(section, name)
                && written.getJsonObject(section).getJsonArray(name).getValue(item)
                        instanceof JsonObject object
                && object.getValue(key) != null;
    }

    /** Where a key stands: {@code auth.keys[].id} and 0 give {@code auth.keys[0].id}. */
    static KeyPath at(String path, Object... place) {
        KeyPath at = KeyPath.ROOT;
        int next = 0;
        for (String segment : path.split("\\.")) {
            if (segment.equals(SchemaNode.ANY_NAME)) {
                at = at.with(place[next++]);
            } else if (segment.endsWith(SchemaNode.ITEM)) {
                at = at.with(segment.substring(0, segment.length() - 2)).with(place[next++]);
            } else {
                at = at.with(segment);
            }
        }
        return at;
    }

    private Object required(String path, Object... place) {
        return find(path, place)
                .orElseThrow(() -> new IllegalStateException(path + ": no value and no default"));
    }

    private static Optional<Object> standard(Schema.Key key) {
        Object standard = key.standard();
        if (standard == null) {
            return Optional.empty();
        }
        Object written = standard instanceof List<?> list ? new JsonArray(list) : standard;
        return key.type().converted().apply(written);
    }
}
