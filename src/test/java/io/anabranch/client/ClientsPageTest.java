package io.anabranch.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.TestHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The programs of {@code docs/clients.md} do what they are there to show. */
class ClientsPageTest {
    private static final Path CLIENTS = Path.of("src/client").toAbsolutePath();
    private static final String CLASSES = System.getProperty("java.class.path");

    @RegisterExtension final TestHub hub = new TestHub();
    @TempDir Path directory;

    @Test
    void javaScript() throws Exception {
        Files.createDirectory(directory.resolve("node_modules"));
        Files.createSymbolicLink(
                directory.resolve("node_modules/anabranch"), Path.of("webroot").toAbsolutePath());
        write("hello.mjs", program("js"));
        greets(List.of("node", "hello.mjs"));
    }

    @Test
    void python() throws Exception {
        write("hello.py", program("python"));
        greets(List.of(CLIENTS.resolve("python/.venv/bin/python").toString(), "hello.py"));
    }

    @Test
    void java() throws Exception {
        Path source = write("Hello.java", program("java"));
        int failures =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-cp", CLASSES, "-proc:none", source.toString());
        assertThat(failures).isZero();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        greets(List.of(java, "-cp", CLASSES + ":" + directory, "Hello"));
    }

    @Test
    void go() throws Exception {
        Path module = CLIENTS.resolve("go");
        write("hello.go", program("go"));
        String requirements =
                Files.readString(module.resolve("go.mod"))
                        .replace("module anabranch.io/anabranch", "module hello");
        write(
                "go.mod",
                requirements
                        + "\nrequire anabranch.io/anabranch v0.0.0\n"
                        + "replace anabranch.io/anabranch => "
                        + module);
        Files.copy(module.resolve("go.sum"), directory.resolve("go.sum"));
        greets(List.of("go", "run", "-mod=mod", "."));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    /** The page's only block of a language, with this hub's address. */
    private String program(String language) throws IOException {
        String[] parts = Files.readString(Path.of("docs/clients.md")).split("```");
        List<String> programs =
                List.of(parts).stream().filter(part -> part.startsWith(language + "\n")).toList();
        assertThat(programs).hasSize(1);
        return programs.get(0)
                .substring(language.length() + 1)
                .replace("http://127.0.0.1:8080", "http://127.0.0.1:" + hub.port());
    }

    private void greets(List<String> command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("ANABRANCH_TOKEN", hub.token("ann"));
        Process program = builder.start();
        try {
            assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
            String said = new String(program.getInputStream().readAllBytes(), UTF_8);
            assertThat(said).isEqualTo("chat:lobby hi\n");
            assertThat(program.exitValue()).isZero();
        } finally {
            program.destroyForcibly();
        }
    }
}
