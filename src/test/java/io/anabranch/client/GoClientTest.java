package io.anabranch.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** {@code src/client/go}, built for this test by the Go that {@code src/test/run} prepares. */
class GoClientTest extends ScenarioTest {
    private static final Path RUNNER = Path.of("target", "go-scenarios").toAbsolutePath();

    GoClientTest() throws Exception {
        super(build());
    }

    private static String build() throws IOException, InterruptedException {
        Process build =
                new ProcessBuilder("go", "build", "-o", RUNNER.toString(), "./internal/scenarios")
                        .directory(Path.of("src/client/go").toFile())
                        .inheritIO()
                        .start();
        if (!build.waitFor(2, TimeUnit.MINUTES) || build.exitValue() != 0) {
            throw new AssertionError("the Go client does not build");
        }
        return RUNNER.toString();
    }
}
