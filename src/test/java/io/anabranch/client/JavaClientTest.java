package io.anabranch.client;

import java.nio.file.Path;

/** {@code io.anabranch.client}, in a JVM of its own. */
class JavaClientTest extends ScenarioTest {
    JavaClientTest() throws Exception {
        super(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                JavaClientRunner.class.getName());
    }
}
