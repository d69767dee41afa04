package io.anabranch.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Strict YAML: no types beyond its own, no key twice. */
final class Yaml {
    private Yaml() {}

    /**
     * Reads one document, its maps and lists as JSON.
     *
     * @return null for an empty one
     * @throws YAMLException with the line and column of what is wrong
     */
    static @Nullable Object read(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return json(new org.yaml.snakeyaml.Yaml(new SafeConstructor(options)).load(text));
    }

    private static @Nullable Object json(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            JsonObject object = new JsonObject();
            map.forEach((key, item) -> object.put(String.valueOf(key), json(item)));
            return object;
        }
        if (value instanceof List<?> list) {
            JsonArray array = new JsonArray();
            list.forEach(item -> array.add(json(item)));
            return array;
        }
        return value;
    }
}
