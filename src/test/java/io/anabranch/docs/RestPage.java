package io.anabranch.docs;

import static io.anabranch.docs.OpenApi.list;
import static io.anabranch.docs.OpenApi.map;
import static io.anabranch.docs.OpenApi.reference;
import static io.anabranch.docs.OpenApi.text;

import io.anabranch.docs.OpenApi.Operation;
import io.vertx.core.json.Json;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page of all routes, written from {@code openapi.yaml}. */
final class RestPage {
    private static final String HEAD =
            """
            # REST

            Every route of the hub's port. Errors are `application/problem+json` (RFC 9457), an object
            [Problem](#problem-object), and are told [once for all](#refusals). A token goes into `Authorization: Bearer`, or into the cookie that the
            configuration names; see [tokens](tokens.md). `/sse` and `/ws` have pages of their own:
            [SSE](sse.md), [WebSocket](websocket.md).

            This page is written from [`openapi.yaml`](../src/main/resources/openapi.yaml), which the hub
            serves at `/openapi.yaml`.

            """;

    /** What has pages of its own, and what is no object of REST. */
    private static final Set<String> ELSEWHERE = Set.of("streams");

    private static final Set<String> FRAMES = Set.of("ClientFrame", "HubFrame");

    private final OpenApi api = new OpenApi();
    private final StringBuilder page = new StringBuilder(HEAD);

    RestPage() throws IOException {}

    String written() {
        page.setLength(HEAD.length());
        for (Map<String, Object> tag : api.tags()) {
            String name = text(tag, "name");
            if (!ELSEWHERE.contains(name)) {
                line("## " + capitalized(name));
                line(text(tag, "description"));
                api.operations().stream().filter(it -> it.has(name)).forEach(this::operation);
            }
        }
        refusals();
        line("## Objects");
        line(
                "Channels, patterns, ids and cursors are told in [concepts](concepts.md). A member with a"
                        + " `?` may be missing.");
        api.schemas().forEach(this::schema);
        return page.toString().stripTrailing() + "\n";
    }

    private void operation(Operation operation) {
        Map<String, Object> node = operation.node();
        line("### " + operation.method() + " " + operation.path());
        line(text(node, "summary") + ".");
        if (node.get("description") instanceof String description) {
            line(description.strip());
        }
        parameters(operation);
        body(operation);
        sample(operation);
        answers(node);
    }

    private void parameters(Operation operation) {
        List<Map<String, Object>> parameters =
                Stream.concat(
                                operation.shared().stream(),
                                list(operation.node(), "parameters").stream())
                        .map(api::resolved)
                        .toList();
        if (parameters.isEmpty()) {
            return;
        }
        table("parameter", "in", "value", "");
        for (Map<String, Object> parameter : parameters) {
            row(
                    "`" + text(parameter, "name") + "`",
                    text(parameter, "in"),
                    value(parameter.get("schema")),
                    text(parameter, "description"));
        }
        page.append('\n');
    }

    /** A command that asks it; none where that would need the id of something. */
    private void sample(Operation operation) {
        boolean isRead = operation.method().equals("GET") && operation.path().startsWith("/api/");
        if (!isRead && !operation.method().equals("POST")) {
            return;
        }
        Map<String, Object> content = body(operation.node());
        String sent =
                content.entrySet().stream()
                        .filter(type -> map(type.getValue()).containsKey("example"))
                        .findFirst()
                        .map(type -> data(type.getKey(), map(type.getValue())))
                        .orElse(isRead ? " " : " -X POST ");
        String path =
                operation
                        .path()
                        .replace("{channel}", "chat:lobby")
                        .replace("{service}", "library.borrow");
        line(
                "```sh\ncurl -H \"Authorization: Bearer $ANABRANCH_TOKEN\""
                        + sent
                        + "http://127.0.0.1:8080"
                        + path
                        + "\n```");
    }

    private static String data(String type, Map<String, Object> content) {
        Object example = content.get("example");
        String text = example instanceof String lines ? lines : Json.encode(example);
        return " \\\n  -H 'Content-Type: %s' --data-binary '%s' \\\n  "
                .formatted(type, text.strip());
    }

    private Map<String, Object> body(Map<String, Object> operation) {
        return operation.containsKey("requestBody")
                ? map(map(operation.get("requestBody")).get("content"))
                : Map.of();
    }

    /** What is sent along, where that has members. */
    private void body(Operation operation) {
        Object content = body(operation.node()).get("application/json");
        if (content == null) {
            return;
        }
        Map<String, Object> schema = api.resolved(map(content).get("schema"));
        if (schema.containsKey("properties")) {
            line("The body: " + text(schema, "description"));
            members(schema);
        } else if (schema.containsKey("items")) {
            line("The body: " + value(schema) + ".");
        }
    }

    private void answers(Map<String, Object> operation) {
        table("answer", "");
        Map<String, Object> responses = map(operation.get("responses"));
        responses.entrySet().stream()
                .filter(response -> !isRefusal(response.getKey()))
                .forEach(response -> answer(response.getKey(), api.resolved(response.getValue())));
        page.append('\n');
        String refused =
                responses.keySet().stream()
                        .filter(RestPage::isRefusal)
                        .map(
                                status ->
                                        status.equals("default")
                                                ? "what a service refuses with"
                                                : status)
                        .collect(Collectors.joining(", "));
        if (!refused.isEmpty()) {
            line("[Refused](#refusals) with " + refused + ".");
        }
    }

    private static boolean isRefusal(String status) {
        return status.compareTo("4") >= 0;
    }

    private void answer(String status, Map<String, Object> response) {
        String objects =
                !response.containsKey("content")
                        ? ""
                        : map(response.get("content")).values().stream()
                                .map(OpenApi::map)
                                .filter(type -> type.containsKey("schema"))
                                .map(type -> " " + capitalized(value(type.get("schema"))) + ".")
                                .collect(Collectors.joining());
        row(status, text(response, "description") + objects);
    }

    /** Each status once, with all that it may be for. */
    private void refusals() {
        Map<String, Set<String>> reasons = new TreeMap<>();
        for (Operation operation : api.operations()) {
            map(operation.node().get("responses")).entrySet().stream()
                    .filter(response -> isRefusal(response.getKey()))
                    .forEach(
                            response ->
                                    reasons.computeIfAbsent(
                                                    response.getKey(), key -> new LinkedHashSet<>())
                                            .add(
                                                    text(
                                                            api.resolved(response.getValue()),
                                                            "description")));
        }
        line("## Refusals");
        table("status", "");
        reasons.forEach((status, texts) -> row(status, String.join(" ", texts)));
        page.append('\n');
    }

    private void schema(String name, Object node) {
        Map<String, Object> schema = map(node);
        if (FRAMES.contains(name) || !schema.containsKey("properties")) {
            return;
        }
        line("### " + name + " object");
        members(schema);
    }

    private void members(Map<String, Object> schema) {
        table("member", "value", "");
        List<Object> required = list(schema, "required");
        map(schema.get("properties"))
                .forEach(
                        (member, property) ->
                                row(
                                        "`" + member + "`" + (required.contains(member) ? "" : "?"),
                                        value(property),
                                        text(map(property), "description")));
        page.append('\n');
    }

    /** What a value may be, in a few words. */
    private String value(Object node) {
        Map<String, Object> schema = map(node);
        if (reference(schema).isPresent()) {
            String name = reference(schema).get();
            boolean hasMembers = api.resolved(schema).containsKey("properties");
            return hasMembers
                    ? "[" + name + "](#" + name.toLowerCase(Locale.ROOT) + "-object)"
                    : name.toLowerCase(Locale.ROOT);
        }
        if (schema.containsKey("const")) {
            return "`" + schema.get("const") + "`";
        }
        if (schema.containsKey("enum")) {
            return list(schema, "enum").stream()
                    .map(each -> "`" + each + "`")
                    .collect(Collectors.joining(", "));
        }
        if (schema.containsKey("oneOf")) {
            return list(schema, "oneOf").stream()
                    .map(this::value)
                    .collect(Collectors.joining(" or "));
        }
        return switch (text(schema, "type")) {
            case "array" -> "array of " + value(schema.get("items"));
            case "object" -> shortMembers(schema);
            case "" -> "JSON";
            default -> typed(schema);
        };
    }

    private String shortMembers(Map<String, Object> schema) {
        return map(schema.get("properties")).entrySet().stream()
                .map(member -> "`" + member.getKey() + "` (" + value(member.getValue()) + ")")
                .collect(Collectors.joining(", "));
    }

    private static String typed(Map<String, Object> schema) {
        StringBuilder value = new StringBuilder(text(schema, "type"));
        if (schema.containsKey("minimum")) {
            value.append(' ').append(schema.get("minimum"));
            value.append(
                    schema.containsKey("maximum") ? " to " + schema.get("maximum") : " or more");
        }
        if (schema.containsKey("default")) {
            value.append(", ").append(schema.get("default")).append(" when left out");
        }
        return value.toString();
    }

    private static String capitalized(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private void table(String... titles) {
        row(titles);
        page.append("| --- ".repeat(titles.length)).append("|\n");
    }

    private void row(String... cells) {
        for (String cell : cells) {
            page.append("| ").append(cell.replace("|", "\\|")).append(cell.isEmpty() ? "" : " ");
        }
        page.append("|\n");
    }

    private void line(String text) {
        page.append(text).append("\n\n");
    }
}
