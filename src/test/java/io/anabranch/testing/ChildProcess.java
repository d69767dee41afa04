package io.anabranch.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        return java(List.of(), FaultControl.class, Integer.toString(hubPort));
    }

    /**
     * A class with a {@code main}, in a JVM of its own.
     *
     * @param wrapper a command that becomes the command behind it; empty for none
     */
    public static ChildProcess java(List<String> wrapper, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ChildProcess(command.toArray(String[]::new));
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

    /** Stops it where it is, and lets it go on: SIGSTOP and SIGCONT, signal(7). */
    public Pause pause() throws IOException, InterruptedException {
        return new Pause(process.toHandle());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
