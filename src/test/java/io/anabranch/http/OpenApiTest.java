package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.AuthOptions;
import io.anabranch.auth.Authenticator;
import io.anabranch.auth.Grants;
import io.anabranch.auth.KeyOptions;
import io.anabranch.auth.MemoryTickets;
import io.anabranch.auth.RevocationStore;
import io.anabranch.auth.Revocations;
import io.anabranch.auth.TokenRules;
import io.anabranch.cluster.Peers;
import io.anabranch.config.Config;
import io.anabranch.hub.Hub;
import io.anabranch.hub.Presence;
import io.anabranch.log.MemoryLog;
import io.anabranch.log.Retention;
import io.anabranch.metrics.Metrics;
import io.anabranch.metrics.Telemetry;
import io.anabranch.polyglot.Verticles;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * {@code openapi.yaml} describes what is served, all of it, and nothing else; but for other
 * protocols, which are off unless they are switched on and have descriptions of their own.
 */
class OpenApiTest {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @RegisterExtension final TestHub hub = new TestHub();

    private final Map<String, Object> file = load();

    @Test
    void whatIsServedIsDescribedAndWhatIsDescribedIsServed() throws Exception {
        assertThat(served(false)).isEqualTo(described());
    }

    @Test
    void developmentAddsPagesAlone() throws Exception {
        Set<String> added = served(true);
        added.removeAll(served(false));
        assertThat(added)
                .containsExactlyInAnyOrder(
                        "POST /dev/faults", "GET /*", "HEAD /*", "GET /webjars/*");
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        List<String> references = new ArrayList<>();
        collectReferences(file, references);
        assertThat(references).isNotEmpty().allSatisfy(it -> assertThat(resolve(it)).isNotNull());
    }

    @Test
    void theHubServesThisFile() throws Exception {
        assertThat(new Rest(hub, "").get("/openapi.yaml").body()).isEqualTo(text());
    }

    @Test
    void everyOperationAnswersAsDescribed() throws Exception {
        for (String operation : described()) {
            for (String token : List.of(hub.token("alice"), hub.adminToken(), "", "nope")) {
                assertAnswersAsDescribed(operation, token);
            }
        }
    }

    @Test
    void theUpgradeIsTheStatusThatIsDescribed() throws Exception {
        assertThat(responses("GET /ws")).containsKey("101");
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", hub.token("alice"))) {
            assertThat(socket.next("ready").getString("user")).isEqualTo("alice");
        }
    }

    @Test
    void theCodesOfProblemsAreThoseOfTheSchema() throws Exception {
        Map<String, Object> schema = map(resolve("#/components/schemas/Problem"));
        List<?> required = (List<?>) schema.get("required");
        List<?> codes = (List<?>) map(map(schema.get("properties")).get("code")).get("enum");
        for (String path : List.of("/nothing", "/sse", "/api/v1/messages", "/ws")) {
            JsonObject problem = new JsonObject(new Rest(hub, "").get(path).body());
            assertThat(problem.fieldNames().containsAll(required)).as(path).isTrue();
            assertThat(codes.contains(problem.getString("code"))).as(path).isTrue();
        }
    }

    private void assertAnswersAsDescribed(String operation, String token) throws Exception {
        HttpResponse<InputStream> response = call(operation, token);
        try (InputStream body = response.body()) {
            String status = String.valueOf(response.statusCode());
            String shown =
                    operation + (token.isEmpty() ? " without" : " with") + " a token: " + status;
            assertThat(responses(operation)).as(shown).containsKey(status);
            Map<String, Object> described = resolved(responses(operation).get(status));
            String type = response.headers().firstValue("Content-Type").orElse("");
            assertThat(map(described.get("content")))
                    .as(shown)
                    .containsKey(RestRoutes.mediaType(type));
        }
    }

    /** The operation with its examples: for the path, what is required of the query, the body. */
    private HttpResponse<InputStream> call(String operation, String token) throws Exception {
        String method = operation.substring(0, operation.indexOf(' '));
        String path =
                operation
                        .substring(operation.indexOf(' ') + 1)
                        .replace("{channel}", "chat:a")
                        .replace("{service}", "nobody")
                        .replace("{id}", "sub:nobody")
                        .replace("{sub}", "nobody");
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                        hub.uri(path + (path.equals("/sse") ? "?channel=chat:a" : "")));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        Object body = operation(operation).get("requestBody");
        if (body == null) {
            return CLIENT.send(
                    request.method(method, BodyPublishers.noBody()).build(),
                    BodyHandlers.ofInputStream());
        }
        assertThat(map(map(body).get("content"))).containsKey("application/json");
        request.header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString("[{\"channel\":\"chat:a\",\"data\":1}]"));
        return CLIENT.send(request.build(), BodyHandlers.ofInputStream());
    }

    private static Set<String> served(boolean development) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            var key = KeyOptions.hs256("test", "a-secret-for-tests-of-32-bytes-at-least");
            var options = new AuthOptions(List.of(key), null, TokenRules.ANY, null, Grants.NONE);
            Authenticator authenticator =
                    Authenticator.create(vertx, options)
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS);
            Revocations revocations =
                    Revocations.open(RevocationStore.none())
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS);
            Hub hub = new Hub(new MemoryLog(channel -> new Retention(1, 1, false), 1, () -> 0));
            Config.Limits limits =
                    new Config.Limits(1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9_000, 9_000, 9_000);
            Telemetry telemetry = Telemetry.create();
            Node node =
                    new Node(
                            vertx,
                            hub,
                            new Presence(channel -> false, () -> 0),
                            new Credentials(
                                    authenticator,
                                    revocations,
                                    new MemoryTickets(),
                                    new TokenCookie(null),
                                    context -> Optional.empty()),
                            new AllSessions(
                                    new LiveSessions(new TransportSwitches(new Metrics())),
                                    Peers.none()),
                            new Addresses(List.of()),
                            new Gate(limits),
                            new Publisher(
                                    hub,
                                    1,
                                    new PublishRates(1, 1, System::nanoTime),
                                    telemetry.refusals()),
                            new Services(vertx, 1, 1, Peers.none(), telemetry.metrics()),
                            new Verticles(vertx, List.of(), false),
                            development ? Optional.of(new Faults()) : Optional.empty(),
                            Protocols.NONE,
                            telemetry,
                            new LoopMetrics(telemetry.metrics()),
                            new Node.Settings(1_000, 0, 1, 1, 1, 1, 1, 0, development));
            Config.Http http =
                    new Config.Http(
                            "127.0.0.1",
                            0,
                            List.of(),
                            List.of(),
                            null,
                            1_000,
                            0,
                            1_000,
                            1,
                            "auto",
                            false);
            Set<String> served = new TreeSet<>();
            new Routes(node, new Loops(node), http)
                    .router()
                    .getRoutes()
                    .forEach(route -> served.addAll(operations(route)));
            return served;
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    /** A route of all methods answers nothing itself: it stands before others. */
    private static List<String> operations(Route route) {
        if (route.methods() == null) {
            return List.of();
        }
        String path = route.isRegexPath() ? route.getName() : route.getPath();
        String template = path.replaceAll(":(\\w+)", "{$1}");
        boolean prefix = !route.isRegexPath() && !route.isExactPath() && !template.endsWith("*");
        String shown = prefix ? template + "*" : template;
        return route.methods().stream().map(method -> method + " " + shown).toList();
    }

    private Set<String> described() {
        Set<String> described = new TreeSet<>();
        map(file.get("paths"))
                .forEach(
                        (path, operations) ->
                                map(operations).keySet().stream()
                                        .filter(METHODS::contains)
                                        .map(method -> method.toUpperCase(Locale.ROOT))
                                        .forEach(method -> described.add(method + " " + path)));
        return described;
    }

    private Map<String, Object> operation(String operation) {
        String[] words = operation.split(" ");
        Map<String, Object> path = map(map(file.get("paths")).get(words[1]));
        return map(path.get(words[0].toLowerCase(Locale.ROOT)));
    }

    private Map<String, Object> responses(String operation) {
        return map(operation(operation).get("responses"));
    }

    private Map<String, Object> resolved(@Nullable Object node) {
        Object reference = map(node).get("$ref");
        return reference == null ? map(node) : map(resolve(reference.toString()));
    }

    private @Nullable Object resolve(String reference) {
        Object found = file;
        for (String name : reference.substring(2).split("/")) {
            found = map(found).get(name);
        }
        return found;
    }

    private static void collectReferences(@Nullable Object node, List<String> references) {
        if (node instanceof Map<?, ?> map) {
            if (map.get("$ref") instanceof String reference) {
                references.add(reference);
            }
            map.values().forEach(value -> collectReferences(value, references));
        } else if (node instanceof Collection<?> values) {
            values.forEach(value -> collectReferences(value, references));
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(@Nullable Object node) {
        return (Map<String, Object>) Objects.requireNonNull(node);
    }

    private static Map<String, Object> load() {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(text());
    }

    private static String text() {
        try (InputStream in = OpenApiTest.class.getResourceAsStream("/openapi.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
