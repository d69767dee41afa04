package io.anabranch.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.KeyOptions;
import io.anabranch.testing.Fuzz;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.error.YAMLException;

class ConfigFuzzTest {
    private static final String ALPHABET = "{}[]:,'\"*&!-#\n \\0a9é~|>%@";

    private int read;

    @Test
    void refusesAnyFileInWordsOfItsOwn() {
        Fuzz.run(
                5_000,
                random -> {
                    StringBuilder changed = new StringBuilder(ConfigLoaderTest.SECTION_9);
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        int at = random.nextInt(changed.length());
                        char other = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
                        changed.replace(at, at + random.nextInt(2), String.valueOf(other));
                    }
                    read += readsOrRefuses(changed.toString()) ? 1 : 0;
                });
        assertThat(read).isPositive();
    }

    private static boolean readsOrRefuses(String yaml) {
        try {
            if (Yaml.read(yaml) instanceof JsonObject written) {
                List<String> problems = new ArrayList<>();
                Settings settings = SchemaCheck.check(written, problems);
                Config unused =
                        new ConfigReader(settings, problems)
                                .read(false, () -> KeyOptions.hs256("dev", "x".repeat(32)));
                assertThat(problems).isNotEmpty();
                return true;
            }
        } catch (YAMLException expected) {
            return false;
        }
        return false;
    }
}
