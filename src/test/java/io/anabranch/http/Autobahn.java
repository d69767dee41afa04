package io.anabranch.http;

import static java.util.stream.Collectors.joining;

import io.vertx.core.json.JsonObject;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import me.normanmaurer.maven.autobahntestsuite.AutobahnTestSuite;
import org.json.simple.parser.JSONParser;
import org.python.util.PythonInterpreter;

/** Autobahn's fuzzing client, in a JVM with a class path of its own. */
final class Autobahn {
    private static final String CLIENT = "src/test/autobahn/FuzzingClient.java";
    private static final String AGENT = "anabranch";
    private static final Path REPORT = Path.of("target/autobahntestsuite-reports/index.json");
    private static final Path LOG = Path.of("target/autobahn.log");

    private Autobahn() {}

    /**
     * Runs cases; each one's name leads to its outcome.
     *
     * @param excluded empty for none
     */
    static JsonObject run(String uri, String cases, String excluded) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", classPath(), CLIENT, AGENT, uri, cases));
        if (!excluded.isEmpty()) {
            command.add(excluded);
        }
        Process client =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(LOG.toFile())
                        .start();
        try {
            if (!client.waitFor(20, TimeUnit.MINUTES) || client.exitValue() != 0) {
                throw new AssertionError("Autobahn failed, see " + LOG);
            }
            return new JsonObject(Files.readString(REPORT)).getJsonObject(AGENT);
        } finally {
            client.destroyForcibly();
        }
    }

    private static String classPath() {
        return Stream.of(AutobahnTestSuite.class, PythonInterpreter.class, JSONParser.class)
                .map(Autobahn::jar)
                .collect(joining(java.io.File.pathSeparator));
    }

    private static String jar(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
