package io.anabranch.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * One client library and the scenarios that all of them pass. A few run at the same time, since
 * they wait most of theirs.
 */
abstract class ScenarioTest {
    private static final Path SCENARIOS = Path.of("src/client/scenarios.json");
    private static final int AT_A_TIME = 6;

    private final ExecutorService runners = Executors.newFixedThreadPool(AT_A_TIME);
    private final ClientProcess client;

    /**
     * @param command starts the client's runner, in the project's directory
     */
    ScenarioTest(String... command) throws Exception {
        client = new ClientProcess(List.of(command));
    }

    @TestFactory
    Stream<DynamicTest> scenarios() throws Exception {
        List<JsonObject> scenarios =
                new JsonArray(Files.readString(SCENARIOS, UTF_8))
                        .stream().map(JsonObject.class::cast).toList();
        List<Future<?>> runs = scenarios.stream().<Future<?>>map(this::start).toList();
        return Stream.iterate(0, i -> i < runs.size(), i -> i + 1)
                .map(
                        i ->
                                DynamicTest.dynamicTest(
                                        scenarios.get(i).getString("name"),
                                        () -> finish(runs.get(i))));
    }

    private Future<?> start(JsonObject scenario) {
        return runners.submit(
                () -> {
                    try (var running = new Scenario(client, scenario)) {
                        running.run();
                    }
                    return null;
                });
    }

    private static void finish(Future<?> run) throws Throwable {
        try {
            run.get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    @AfterEach
    void close() {
        runners.shutdownNow();
        client.close();
    }
}
