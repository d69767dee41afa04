package io.anabranch.docs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.testing.Ports;
import io.anabranch.testing.Rest;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The hub as the project ships it, started as the README says, in a directory of its own: only the
 * two ports are others.
 */
final class ShippedHub implements BeforeAllCallback, AfterAllCallback {
    private static final Pattern TOKEN = Pattern.compile("export ANABRANCH_TOKEN=(\\S+)");
    private static final List<String> BESIDE = List.of("webroot", "docs", "src");

    private Path directory;
    private Process process;
    private int port;
    private int managementPort;
    private String token;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        directory = Files.createTempDirectory("anabranch-docs").toRealPath();
        port = Ports.free();
        managementPort = Ports.free();
        for (String name : BESIDE) {
            Files.createSymbolicLink(directory.resolve(name), Path.of(name).toAbsolutePath());
        }
        Path conf = Files.createDirectory(directory.resolve("conf"));
        Files.writeString(
                conf.resolve("anabranch.yaml"),
                here(Files.readString(Path.of("conf/anabranch.yaml"))));
        process =
                new ProcessBuilder(java(), "-XX:TieredStopAtLevel=1", "-cp", classes(), main())
                        .directory(directory.toFile())
                        .redirectError(directory.resolve("hub.log").toFile())
                        .start();
        token = printedToken();
    }

    /** What a text of the project says of the hub, said of this one. */
    String here(String text) {
        return text.replaceAll("\\b8080\\b", "" + port)
                .replaceAll("\\b8090\\b", "" + managementPort);
    }

    private String printedToken() throws IOException {
        BufferedReader out = process.inputReader(UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher matcher = TOKEN.matcher(line);
            if (matcher.find()) {
                return matcher.group(1);
            }
        }
        throw new AssertionError(Files.readString(directory.resolve("hub.log")));
    }

    long pid() {
        return process.pid();
    }

    /** Where it runs, and where the configuration is that clients of this machine read. */
    Path directory() {
        return directory;
    }

    /** The one that it printed when it started. */
    String token() {
        return token;
    }

    /** What its tokens are signed with. */
    String secret() throws IOException {
        return Files.readString(directory.resolve("data/dev-key")).strip();
    }

    Rest rest() {
        return new Rest(path -> URI.create("http://127.0.0.1:" + port + path), token);
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static String classes() {
        return System.getProperty("java.class.path");
    }

    static String main() {
        return "io.anabranch.cli.Main";
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (process != null) {
            process.destroy();
            process.waitFor();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
