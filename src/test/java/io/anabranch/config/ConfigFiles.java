package io.anabranch.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Configurations in a directory of their own, and what the loader makes of them. */
record ConfigFiles(Path directory) {
    static final String SECRET = "0123456789abcdef0123456789abcdef";

    /** All that a configuration needs. */
    static final String KEY =
            "auth: {keys: [{id: main, algorithm: HS256, secret: " + SECRET + "0}]}\n";

    Config load(String yaml, String... sets) {
        try {
            Path file = Files.writeString(directory.resolve("anabranch.yaml"), yaml);
            return ConfigLoader.load(file, List.of(sets), directory.resolve("data"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Fails when there are none. */
    List<String> problems(String yaml, String... sets) {
        ConfigException refused =
                catchThrowableOfType(ConfigException.class, () -> load(yaml, sets));
        assertThat(refused).as(yaml + List.of(sets)).isNotNull();
        return refused.problems();
    }
}
