package io.anabranch.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.KeyOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.error.YAMLException;

class ConfigFuzzTest {
    @Test
    void refusesAnyFileInWordsOfItsOwn() {
        Random random = new Random(5);
        String alphabet = "{}[]:,'\"*&!-#\n \\0a9é~|>%@";
        int read = 0;
        for (int i = 0; i < 5_000; i++) {
            StringBuilder changed = new StringBuilder(ConfigLoaderTest.SECTION_9);
            for (int j = random.nextInt(4); j >= 0; j--) {
                int at = random.nextInt(changed.length());
                char other = alphabet.charAt(random.nextInt(alphabet.length()));
                changed.replace(at, at + random.nextInt(2), String.valueOf(other));
            }
            read += readsOrRefuses(changed.toString()) ? 1 : 0;
        }
        assertThat(read).isGreaterThan(500);
    }

    private static boolean readsOrRefuses(String yaml) {
        try {
            if (Yaml.read(yaml) instanceof JsonObject written) {
                List<String> problems = new ArrayList<>();
                Settings settings = SchemaCheck.check(written, problems);
                Config unused =
                        new ConfigReader(settings, problems)
                                .read(() -> KeyOptions.hs256("dev", "x".repeat(32)));
                assertThat(problems).isNotEmpty();
                return true;
            }
        } catch (YAMLException expected) {
            return false;
        }
        return false;
    }
}
