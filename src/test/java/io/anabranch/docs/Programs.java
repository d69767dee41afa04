package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Runs the samples in programming languages, each in a directory of its own, beside a hub. */
final class Programs {
    private static final Path CLIENTS = Path.of("src/client").toAbsolutePath();
    private static final Path MODULES =
            Path.of("src/test/js-independent/node_modules").toAbsolutePath();
    private static final String END = "-- the end of the sample --";

    private final ShippedHub hub;

    Programs(ShippedHub hub) {
        this.hub = hub;
    }

    /**
     * A module, with what its page explains around it ({@code src/test/js/docs/prelude.js}).
     *
     * @param says what it must have said; null when it is enough that nothing goes wrong
     */
    void javaScript(Sample sample, @Nullable Pattern says) throws Exception {
        Path directory = directory();
        Path modules = Files.createDirectory(directory.resolve("node_modules"));
        Files.createSymbolicLink(modules.resolve("anabranch"), Path.of("webroot").toAbsolutePath());
        for (String module : List.of("eventsource", "ws")) {
            Files.createSymbolicLink(modules.resolve(module), MODULES.resolve(module));
        }
        Files.copy(Path.of("src/test/js/docs/prelude.js"), directory.resolve("prelude.mjs"));
        String text =
                hub.here(sample.text())
                        .replaceAll("'http://[^']+/anabranch.js'", "'anabranch'")
                        .replace("https://hub.example", hub.here("http://127.0.0.1:8080"));
        Files.writeString(
                directory.resolve("sample.mjs"), text + "\nconsole.log('" + END + "');\n");
        List<String> command = List.of("node", "--import", "./prelude.mjs", "sample.mjs");
        try (Run run = new Run(directory, environment(), command)) {
            run.says(Pattern.compile(END), () -> {});
            if (says != null) {
                run.says(says, this::publish);
            }
        }
    }

    String python(Sample sample) throws Exception {
        Path directory = directory();
        Files.writeString(directory.resolve("sample.py"), hub.here(sample.text()));
        String python = CLIENTS.resolve("python/.venv/bin/python").toString();
        return ended(directory, environment(), List.of(python, "sample.py"));
    }

    String go(Sample sample) throws Exception {
        Path directory = directory();
        Path module = CLIENTS.resolve("go");
        Files.writeString(directory.resolve("sample.go"), hub.here(sample.text()));
        String requirements =
                Files.readString(module.resolve("go.mod"))
                        .replace("module anabranch.io/anabranch", "module sample");
        Files.writeString(
                directory.resolve("go.mod"),
                requirements
                        + "\nrequire anabranch.io/anabranch v0.0.0\n"
                        + "replace anabranch.io/anabranch => "
                        + module);
        Files.copy(module.resolve("go.sum"), directory.resolve("go.sum"));
        return ended(directory, environment(), List.of("go", "run", "-mod=mod", "."));
    }

    /** A whole program. */
    String java(Sample sample) throws Exception {
        Path directory = directory();
        String name = sample.text().replaceAll("(?s).*public class (\\w+).*", "$1");
        compile(directory, name, hub.here(sample.text()));
        String classes = ShippedHub.classes() + ":" + directory;
        return ended(directory, environment(), List.of(ShippedHub.java(), "-cp", classes, name));
    }

    /** Statements in an application that has a {@code vertx}. */
    void javaStatements(Sample sample) throws Exception {
        Path directory = directory();
        compile(
                directory,
                "Statements",
                """
                import io.vertx.core.Vertx;
                import io.vertx.core.json.JsonObject;

                public class Statements implements java.util.function.Consumer<Vertx> {
                    public void accept(Vertx vertx) {
                        %s
                    }
                }
                """
                        .formatted(sample.text()));
        Vertx vertx = Vertx.vertx();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
            @SuppressWarnings("unchecked")
            Consumer<Vertx> statements =
                    (Consumer<Vertx>)
                            loader.loadClass("Statements").getDeclaredConstructor().newInstance();
            statements.accept(vertx);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static void compile(Path directory, String name, String text) throws IOException {
        Path source = Files.writeString(directory.resolve(name + ".java"), text);
        List<String> arguments =
                List.of("-cp", ShippedHub.classes(), "-proc:none", source.toString());
        int failures =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, arguments.toArray(String[]::new));
        assertThat(failures).isZero();
    }

    /**
     * Commands of a terminal. {@code java -jar target/anabranch.jar} runs the classes under test,
     * and curl fails where it is refused.
     *
     * @param says what it goes on saying, until it is stopped; null for commands that end
     */
    void shell(Sample sample, @Nullable Pattern says) throws Exception {
        Map<String, String> environment = environment();
        environment.put(
                "PATH",
                tools()
                        + ":"
                        + Path.of(ShippedHub.java()).getParent()
                        + ":"
                        + System.getenv("PATH"));
        environment.put("CLASSES", ShippedHub.classes());
        environment.put("JAVA", ShippedHub.java());
        String text =
                "set -euo pipefail\n"
                        + shorter(hub.here(sample.text()))
                                .replace("ANABRANCH_TOKEN=…", "ANABRANCH_TOKEN=" + hub.token())
                                .replace("PID", "" + hub.pid());
        List<String> command = List.of("bash", "-c", text);
        if (says == null) {
            ended(hub.directory(), environment, command);
            return;
        }
        try (Run run = new Run(hub.directory(), environment, command)) {
            run.says(says, this::publish);
        }
    }

    /** Loads of a test's size. */
    private static String shorter(String text) {
        return text.replace("--connections 1000", "--connections 20 --duration 2s")
                .replace("-c 5000", "-c 20")
                .replace("--rate 2000", "--rate 100")
                .replace("--duration 1m", "--duration 2s");
    }

    private static Path tools() {
        return Path.of("src/test/docs").toAbsolutePath();
    }

    private void publish() {
        try {
            hub.rest().publish("chat:lobby", "{\"text\":\"hi\"}");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private String ended(Path directory, Map<String, String> environment, List<String> command)
            throws Exception {
        try (Run run = new Run(directory, environment, command)) {
            return run.ended();
        }
    }

    private Map<String, String> environment() throws IOException {
        Map<String, String> environment = new HashMap<>();
        environment.put("ANABRANCH_TOKEN", hub.token());
        environment.put("HUB_SECRET", hub.secret());
        environment.put("HUB", hub.here("http://127.0.0.1:8080"));
        return environment;
    }

    private Path directory() throws IOException {
        return Files.createTempDirectory(hub.directory(), "sample");
    }
}
