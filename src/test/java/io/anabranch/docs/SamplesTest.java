package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.anabranch.config.ConfigLoader;
import io.anabranch.polyglot.VerticleState;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Every sample of the README and of {@code docs} does what it is there to show. HTML is for {@code
 * io.anabranch.pages.SamplePagesTest}.
 */
class SamplesTest {
    private static final String HI = "chat:lobby hi";
    private static final String SECRET = "a-secret-for-tests-of-32-bytes-at-least";
    private static final Pattern FILE = Pattern.compile("(?:bots|conf)/[\\w-]+(\\.\\w+)");

    private static final Pattern TARGET = Pattern.compile("\"([\\w.]+:\\d+)\"");

    /** Whose lines the samples of embedding are; {@code ShopTest} runs it. */
    private static final Path SHOP = Path.of("src/test/java/io/anabranch/embedding/Shop.java");

    /** Samples that no test can run, and why. */
    private static final Map<String, String> NOT_RUN =
            Map.of(
                    "README.md: mvn -q -DskipTests package && bin/anabranch",
                    "is the build itself; every test here runs the hub that it starts",
                    "README.md: src/test/run",
                    "is what runs this test");

    /** What those must say that do not end, or that have something to show. */
    private static final Map<String, Pattern> SAYS =
            Map.ofEntries(
                    says("README.md: const events = new EventSource(", "-\\d+ \\{\"text\":\"hi\"}"),
                    says("README.md: import { connect } from 'http://127", "now on websocket"),
                    says("docs/anabranch.js.md: // first.mjs", "stored as \\w+-\\d+"),
                    says("docs/clients.md: import { connect } from 'anabranch';", HI),
                    says("docs/sse.md: curl -N 'http://127.0.0.1:8080/sse?", "data: .*hi"),
                    says("docs/sse.md: const events = new EventSource(", "message \\w+-\\d+ .*hi"),
                    says("docs/tokens.md: import { createHmac } from 'node:crypto';", "^200"),
                    says("docs/tokens.md: TICKET=$(curl -X POST", "data: .*hi"),
                    says("docs/websocket.md: const socket = new WebSocket(", HI));

    @RegisterExtension static final ShippedHub hub = new ShippedHub();

    private final Programs programs = new Programs(hub);
    private final Proxies proxies = new Proxies(hub);
    @TempDir Path directory;

    @TestFactory
    Stream<DynamicTest> everySampleWorks() throws Exception {
        return Sample.all().stream()
                .filter(sample -> !NOT_RUN.containsKey(sample.title()))
                .map(sample -> DynamicTest.dynamicTest(sample.title(), () -> run(sample)));
    }

    private void run(Sample sample) {
        try {
            works(sample);
        } catch (AssertionError | Exception e) {
            throw new AssertionError(sample.page() + ", line " + sample.line(), e);
        }
    }

    @Test
    void whatIsSaidOfASampleIsSaidOfOneThatIsThere() throws Exception {
        Set<String> titles =
                Sample.all().stream()
                        .map(Sample::title)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(titles).containsAll(NOT_RUN.keySet());
        assertThat(SAYS.keySet())
                .allSatisfy(begin -> assertThat(titles).anyMatch(it -> it.startsWith(begin)));
    }

    private static Map.Entry<String, Pattern> says(String begin, String pattern) {
        return Map.entry(begin, Pattern.compile(pattern));
    }

    private void works(Sample sample) throws Exception {
        Pattern says =
                SAYS.entrySet().stream()
                        .filter(entry -> sample.title().startsWith(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(null);
        switch (sample.language()) {
            case "sh" -> programs.shell(sample, says);
            case "js" -> javaScript(sample, says);
            case "python" -> assertThat(programs.python(sample)).contains(HI);
            case "go" -> assertThat(programs.go(sample)).contains(HI);
            case "java" -> java(sample);
            case "nginx" -> proxies.nginx(sample);
            case "caddyfile" -> proxies.caddy(sample);
            case "json" -> json(sample);
            case "yaml" -> {
                if (sample.text().startsWith("scrape_configs:")) {
                    scrapes(sample);
                } else {
                    yaml(sample);
                }
            }
            case "text" -> assertThat(sample.text()).doesNotContain("java -jar", "curl ");
            case "html" -> assertThat(sample.text()).contains("<script");
            default ->
                    throw new AssertionError(
                            "line %d: a block in \"%s\" (expected: a language that is run here, or"
                                            .formatted(sample.line(), sample.language())
                                    + " text)");
        }
    }

    private void javaScript(Sample sample, @Nullable Pattern says) throws Exception {
        if (sample.text().contains("vertx.")) {
            verticle(sample, "js");
        } else {
            programs.javaScript(sample, says);
        }
    }

    private void verticle(Sample sample, String language) throws Exception {
        Path file = Files.createTempFile(directory, "bot", "." + language);
        Files.writeString(file, sample.text());
        TestHub own = new TestHub().verticles(file.toString());
        try {
            own.start();
            assertThat(own.verticleStates())
                    .extracting(VerticleState::status, VerticleState::failure)
                    .containsExactly(tuple(VerticleState.Status.RUNNING, null));
        } finally {
            own.stop();
        }
    }

    private void java(Sample sample) throws Exception {
        if (sample.page().equals("docs/embedding.md")) {
            assertThat(lines(Files.readString(SHOP))).containsSequence(lines(sample.text()));
        } else if (sample.text().contains("public class ")) {
            assertThat(programs.java(sample)).contains(HI);
        } else {
            programs.javaStatements(sample);
        }
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }

    /** One value, or one in each line. */
    private static void json(Sample sample) {
        boolean lines = sample.text().lines().allMatch(line -> line.matches("\\{.*}"));
        List<String> values = lines ? sample.text().lines().toList() : List.of(sample.text());
        assertThat(values)
                .isNotEmpty()
                .allSatisfy(value -> assertThat(Json.decodeValue(value)).isNotNull());
    }

    /** What Prometheus would ask for finds the hub's figures. */
    private static void scrapes(Sample sample) throws Exception {
        Matcher targets = TARGET.matcher(hub.here(sample.text()));
        assertThat(targets.find()).isTrue();
        do {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http://" + targets.group(1) + "/metrics"))
                            .build();
            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            assertThat(response.body()).contains("\nanabranch_connections{");
        } while (targets.find());
    }

    /** A part of a configuration, which {@code check-config} has nothing against. */
    private void yaml(Sample sample) throws Exception {
        Map<String, Object> parts =
                new Yaml(new SafeConstructor(new LoaderOptions())).load(withFiles(sample.text()));
        Map<String, String> key = Map.of("id", "test", "algorithm", "HS256", "secret", SECRET);
        parts.putIfAbsent("auth", Map.of("keys", List.of(key)));
        Path file = Files.createTempFile(directory, "hub", ".yaml");
        Files.writeString(file, new Yaml().dump(parts));
        assertThat(ConfigLoader.load(file, List.of())).isNotNull();
    }

    /** The files that the sample names are there. */
    private String withFiles(String text) {
        return FILE.matcher(text)
                .replaceAll(
                        name -> {
                            try {
                                return Files.createTempFile(directory, "named", name.group(1))
                                        .toString();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
    }
}
