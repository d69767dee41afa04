package io.anabranch.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** {@code openapi.yaml}, its references followed. */
final class OpenApi {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

    private final Map<String, Object> file;

    OpenApi() throws IOException {
        String text = Files.readString(Path.of("src/main/resources/openapi.yaml"));
        file = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    }

    /**
     * What is asked for.
     *
     * @param node its description
     * @param shared parameters of all operations of its path
     */
    record Operation(String method, String path, Map<String, Object> node, List<Object> shared) {
        boolean has(String tag) {
            return ((List<?>) Objects.requireNonNull(node.get("tags"))).contains(tag);
        }
    }

    /** In the order of the file. */
    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        map(file.get("paths"))
                .forEach(
                        (path, node) ->
                                map(node)
                                        .forEach(
                                                (method, operation) -> {
                                                    if (METHODS.contains(method)) {
                                                        operations.add(
                                                                new Operation(
                                                                        method.toUpperCase(
                                                                                Locale.ROOT),
                                                                        path,
                                                                        map(operation),
                                                                        list(
                                                                                map(node),
                                                                                "parameters")));
                                                    }
                                                }));
        return operations;
    }

    List<Map<String, Object>> tags() {
        return list(file, "tags").stream().map(OpenApi::map).toList();
    }

    Map<String, Object> schemas() {
        return map(map(file.get("components")).get("schemas"));
    }

    /** The node itself, or what it refers to. */
    Map<String, Object> resolved(@Nullable Object node) {
        Object reference = map(node).get("$ref");
        if (reference == null) {
            return map(node);
        }
        Object found = file;
        for (String name : reference.toString().substring(2).split("/")) {
            found = map(found).get(name);
        }
        return map(found);
    }

    /** The name of the component that the node refers to. */
    static Optional<String> reference(@Nullable Object node) {
        return Optional.ofNullable(map(node).get("$ref"))
                .map(Object::toString)
                .map(reference -> reference.substring(reference.lastIndexOf('/') + 1));
    }

    /** A member's text in one line; empty where there is none. */
    static String text(Map<String, Object> node, String member) {
        Object text = node.get(member);
        return text == null ? "" : text.toString().strip().replaceAll("\\s+", " ");
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(Map<String, Object> node, String member) {
        return (List<Object>) node.getOrDefault(member, List.of());
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(@Nullable Object node) {
        return (Map<String, Object>) Objects.requireNonNull(node);
    }
}
