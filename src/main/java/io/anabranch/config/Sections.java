package io.anabranch.config;

import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The settings of a hub that is part of an application: those of the configuration file, but for
 * what the application's own server and process decide.
 */
public final class Sections {
    /** The file's that do not concern such a hub. */
    private static final List<String> OF_THE_APPLICATION =
            List.of(
                    "http.host",
                    "http.port",
                    "http.tls",
                    "http.eventLoops",
                    "http.transport",
                    "management",
                    "logging",
                    "development",
                    "limits.url",
                    "limits.headers",
                    "limits.headersTime",
                    "limits.bodyTime",
                    "limits.idleTime");

    private final JsonObject written;
    private final List<String> problems = new ArrayList<>();

    /**
     * @param written sections as the file has them; copied
     */
    public Sections(JsonObject written) {
        this.written = written.copy();
    }

    /**
     * Those of a file (YAML). Blocks.
     *
     * @throws ConfigException when it cannot be read
     */
    public static Sections read(Path file) {
        return new Sections(ConfigLoader.read(file));
    }

    /**
     * Puts a value over what is there.
     *
     * @param path such as {@code log.type} or {@code channels."chat:*".presence}
     * @param value as the file would have it: text, number, true or false, or a list of them
     */
    public void set(String path, Object value) {
        KeyPath.parse(path)
                .ifPresentOrElse(
                        key -> new Assignment(key, json(value)).applyTo(written, problems),
                        () ->
                                problems.add(
                                        SchemaCheck.wrong(
                                                "option",
                                                Refusal.shown(path),
                                                "a path such as log.type")));
    }

    private static Object json(Object value) {
        if (value instanceof List<?> list) {
            return new JsonArray(list);
        }
        if (value instanceof Map<?, ?> map) {
            JsonObject section = new JsonObject();
            map.forEach((name, member) -> section.put(String.valueOf(name), member));
            return section;
        }
        return value instanceof Path path ? path.toString() : value;
    }

    /**
     * The configuration.
     *
     * @param hasLogin whether there may be no keys, as the application says who somebody is
     * @throws ConfigException with everything that is wrong
     */
    public Config config(boolean hasLogin) {
        List<String> found = new ArrayList<>(problems);
        written().forEach(path -> refuseOfTheApplication(path, found));
        Settings settings = SchemaCheck.check(written, found);
        Config config =
                new ConfigReader(settings, found)
                        .read(
                                hasLogin,
                                () -> {
                                    throw new IllegalStateException(
                                            "development in an embedded hub");
                                });
        if (!found.isEmpty()) {
            throw new ConfigException("the hub's options", found);
        }
        return config;
    }

    /** The sections, and what is right below them. */
    private Stream<String> written() {
        return written.stream()
                .flatMap(
                        section ->
                                section.getValue() instanceof JsonObject members
                                        ? Stream.concat(
                                                Stream.of(section.getKey()),
                                                members.fieldNames().stream()
                                                        .map(it -> section.getKey() + "." + it))
                                        : Stream.of(section.getKey()));
    }

    private static void refuseOfTheApplication(String path, List<String> problems) {
        if (OF_THE_APPLICATION.contains(path)) {
            problems.add(path + ": set (expected: left out, as that is the application's)");
        }
    }
}
