package io.anabranch.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Another process, talked to line by line. */
public final class ChildProcess implements AutoCloseable {
    private static final String END = "";

    private final Process process;
    private final Writer in;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private ChildProcess(String... command) throws IOException {
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        in = process.outputWriter(UTF_8);
        Thread reader = new Thread(this::read, "child-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** A script of {@code src/test/js/live}. */
    public static ChildProcess node(String script, JsonObject options) throws IOException {
        return new ChildProcess("node", "src/test/js/live/" + script, options.encode());
    }

    /** A fault proxy in a process of its own, which has its own limit of open files. */
    public static ChildProcess faultProxy(int hubPort) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("java.class.path");
        String main = FaultControl.class.getName();
        return new ChildProcess(java, "-cp", classPath, main, Integer.toString(hubPort));
    }

    private void read() {
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            out.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            // The process has ended: what END says.
        }
        lines.add(END);
    }

    /** Says a line. */
    public void say(String line) throws IOException {
        in.write(line + "\n");
        in.flush();
    }

    /** The next line that it says. */
    public String hear(long withinSeconds) throws InterruptedException {
        String line = lines.poll(withinSeconds, TimeUnit.SECONDS);
        if (line == null || line.equals(END)) {
            throw new AssertionError(
                    line == null ? "nothing in " + withinSeconds + " s" : "it has ended");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
