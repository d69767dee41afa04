package io.anabranch.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys of {@link Schema} as a tree: a section, a list of sections, or one key. */
final class SchemaNode {
    static final String ANY_NAME = "*";
    static final String ITEM = "[]";

    private static final SchemaNode ROOT = build();

    private final Map<String, SchemaNode> children = new LinkedHashMap<>();
    private Schema.@Nullable Key key;

    static SchemaNode root() {
        return ROOT;
    }

    /** The key that stands here; null for a section. */
    Schema.@Nullable Key key() {
        return key;
    }

    /** What stands here is a list, of these; null when it is not. */
    @Nullable SchemaNode item() {
        return children.get(ITEM);
    }

    /** What stands here under that name; null when there is nothing. */
    @Nullable SchemaNode child(String name) {
        SchemaNode named = children.get(name);
        return named == null || name.equals(ITEM) ? children.get(ANY_NAME) : named;
    }

    boolean takesAnyName() {
        return children.containsKey(ANY_NAME);
    }

    /** The names that may stand here, when not any may. */
    List<String> names() {
        return List.copyOf(children.keySet());
    }

    private static SchemaNode build() {
        SchemaNode root = new SchemaNode();
        for (Schema.Key key : Schema.keys()) {
            SchemaNode node = root;
            for (String segment : segments(key.path())) {
                node = node.children.computeIfAbsent(segment, name -> new SchemaNode());
            }
            node.key = key;
        }
        return root;
    }

    private static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        for (String segment : path.split("\\.")) {
            if (segment.endsWith(ITEM)) {
                segments.add(segment.substring(0, segment.length() - ITEM.length()));
                segments.add(ITEM);
            } else {
                segments.add(segment);
            }
        }
        return segments;
    }
}
