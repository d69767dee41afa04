package io.anabranch.config;

import io.anabranch.message.Refusal;
import io.anabranch.polyglot.VerticleOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads {@code verticles}. */
final class VerticlesReader {
    private static final String SECTION = "verticles[].";
    private static final Path HERE = Path.of("");

    private final Settings settings;
    private final List<String> problems;

    VerticlesReader(Settings settings, List<String> problems) {
        this.settings = settings;
        this.problems = problems;
    }

    List<VerticleOptions> read() {
        List<VerticleOptions> verticles = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int count = settings.size("verticles");
        for (int i = 0; i < count; i++) {
            Optional<String> name = settings.text(SECTION + "name", i);
            if (name.isEmpty()) {
                problems.add(path("name", i) + ": not set (expected: a file or a class)");
                continue;
            }
            requireFile("name", i);
            requireFile("otherwise", i);
            if (!names.add(name.get())) {
                problems.add(path("name", i) + ": \"" + name.get() + "\" (expected: no repeat)");
            }
            verticles.add(verticle(name.get(), i));
        }
        return verticles;
    }

    private VerticleOptions verticle(String name, int i) {
        return new VerticleOptions(
                name,
                settings.text(SECTION + "otherwise", i).orElse(null),
                settings.flag(SECTION + "required", i),
                (JsonObject) settings.find(SECTION + "config", i).orElseGet(JsonObject::new),
                new VerticleOptions.Limits(
                        settings.milliseconds(SECTION + "limits.time", i),
                        settings.integer(SECTION + "limits.statements", i)));
    }

    /** What is a script must be on the disk, or in the jar. */
    private void requireFile(String key, int i) {
        Optional<String> script = settings.text(SECTION + key, i).filter(VerticleOptions::isScript);
        if (script.isEmpty() || isThere(script.get())) {
            return;
        }
        String expected =
                nearest(Path.of(script.get()))
                        .map(near -> "did you mean " + near + "?")
                        .orElse(
                                "expected: a file that can be read, from the directory that the"
                                        + " hub is started in");
        problems.add(
                path(key, i)
                        + ": "
                        + Refusal.shown(script.get())
                        + " is no file ("
                        + expected
                        + ")");
    }

    private static boolean isThere(String script) {
        return Files.isReadable(Path.of(script))
                || VerticlesReader.class.getClassLoader().getResource(script) != null;
    }

    private static Optional<String> nearest(Path script) {
        Path directory = script.getParent() == null ? HERE : script.getParent();
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return Nearest.to(script.toString(), files.map(Path::toString).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KeyPath path(String key, int i) {
        return Settings.at(SECTION + key, i);
    }
}
