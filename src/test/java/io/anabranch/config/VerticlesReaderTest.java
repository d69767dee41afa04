package io.anabranch.config;

import static io.anabranch.config.ConfigFiles.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.polyglot.VerticleOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerticlesReaderTest {
    @TempDir Path directory;
    private ConfigFiles files;

    @BeforeEach
    void setUp() {
        files = new ConfigFiles(directory);
    }

    @Test
    void readsAVerticleWithWhatIsSetForIt() {
        Config config =
                files.load(
                        KEY
                                + "verticles:\n"
                                + "  - com.acme.Bot\n"
                                + "  - {name: com.acme.Echo, required: true, config: {a: [1]},"
                                + " limits: {time: 2s, statements: 7}}\n");

        assertThat(config.verticles())
                .containsExactly(
                        VerticleOptions.of("com.acme.Bot"),
                        new VerticleOptions(
                                "com.acme.Echo",
                                null,
                                true,
                                new JsonObject("{\"a\":[1]}"),
                                new VerticleOptions.Limits(2_000, 7)));
    }

    @Test
    void namesWhatIsWrongWithAVerticle() {
        assertThat(files.problems(KEY + "verticles: [{nme: a}]"))
                .containsExactlyInAnyOrder(
                        "verticles[0].nme: unknown key (did you mean verticles[0].name?)",
                        "verticles[0].name: not set (expected: a file or a class)");
        assertThat(files.problems(KEY + "verticles: [com.acme.Bot, {name: com.acme.Bot}]"))
                .containsExactly("verticles[1].name: \"com.acme.Bot\" (expected: no repeat)");
        assertThat(files.problems(KEY + "verticles: [nowhere/at-all.js]"))
                .containsExactly(
                        "verticles[0].name: \"nowhere/at-all.js\" is no file (expected: a file"
                                + " that can be read, from the directory that the hub is started"
                                + " in)");
    }

    @Test
    void namesTheNearestRightFileOfAVerticle() throws IOException {
        Path script = Files.writeString(directory.resolve("greeter.js"), "");
        Path mistyped = directory.resolve("greetr.js");
        assertThat(files.problems(KEY + "verticles: ['" + mistyped + "']"))
                .containsExactly(
                        "verticles[0].name: \""
                                + mistyped
                                + "\" is no file (did you mean "
                                + script
                                + "?)");
    }
}
