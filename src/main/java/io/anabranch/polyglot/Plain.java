package io.anabranch.polyglot;

import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps, lists, numbers, texts and booleans of a script, and the JSON that crosses the bus. */
final class Plain {
    private Plain() {}

    /**
     * The JSON of a plain value.
     *
     * @throws Refusal {@code bad_request} for what JSON has no word for
     */
    static @Nullable Object toJson(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            JsonObject object = new JsonObject();
            map.forEach((key, item) -> object.put(String.valueOf(key), toJson(item)));
            return object;
        }
        if (value instanceof Iterable<?> items && !(value instanceof JsonArray)) {
            JsonArray array = new JsonArray();
            items.forEach(item -> array.add(toJson(item)));
            return array;
        }
        if (value instanceof CharSequence text) {
            return text.toString();
        }
        if (value == null
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof JsonObject
                || value instanceof JsonArray) {
            return value;
        }
        throw Refusal.badRequest(
                "body: a "
                        + value.getClass().getName()
                        + " (expected: a map, a list, a number, a text, a boolean or null)");
    }

    /** The plain value of a JSON one: maps and lists that may be changed. */
    static @Nullable Object ofJson(@Nullable Object json) {
        if (json instanceof JsonObject object) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            object.forEach(member -> map.put(member.getKey(), ofJson(member.getValue())));
            return map;
        }
        if (json instanceof JsonArray array) {
            List<@Nullable Object> list = new ArrayList<>();
            array.forEach(item -> list.add(ofJson(item)));
            return list;
        }
        return json;
    }
}
