package io.anabranch.config;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every key that the configuration may have, in the order of the documentation. In a path, {@code
 * []} stands for the items of a list and {@code *} for any name.
 */
final class Schema {
    private static final List<Key> KEYS =
            Stream.of(HttpKeys.ALL, AuthKeys.ALL, LogKeys.ALL, LimitKeys.ALL, ServiceKeys.ALL)
                    .flatMap(List::stream)
                    .toList();

    private Schema() {}

    /** All keys, in the order of the documentation. */
    static List<Key> keys() {
        return KEYS;
    }

    static Key key(String path) {
        return KEYS.stream()
                .filter(key -> key.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(path + ": not in the schema"));
    }

    /**
     * One key.
     *
     * @param standard the default, as one would write it; null when there is none
     */
    record Key(String path, ValueType type, @Nullable Object standard, String description) {
        static final @Nullable Object NOT_SET = null;
    }
}
