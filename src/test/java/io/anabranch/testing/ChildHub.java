package io.anabranch.testing;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A hub in a JVM of its own, whose memory can be bounded and asked for. */
public final class ChildHub implements AutoCloseable {
    /**
     * What the hub holds, in bytes.
     *
     * @param heap in use after a full collection
     * @param direct what Netty has of direct memory, in use or pooled
     * @param pinned the direct memory that waits to be sent
     * @param resident of the whole process
     */
    public record Memory(long heap, long direct, long pinned, long resident) {
        @Override
        public String toString() {
            return "heap %d KiB, direct %d KiB (waiting %d KiB), resident %d KiB"
                    .formatted(heap >> 10, direct >> 10, pinned >> 10, resident >> 10);
        }
    }

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;
    private final int port;

    /**
     * @param jvm options of the JVM, such as {@code -Xmx64m}
     * @param retention {@code PATTERN=MESSAGES} each, the narrower first
     */
    public ChildHub(List<String> jvm, List<String> retention) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(ChildHub.class.getName());
        command.addAll(retention);
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        out = process.inputReader(StandardCharsets.UTF_8);
        in = process.outputWriter(StandardCharsets.UTF_8);
        port = Integer.parseInt(answer());
    }

    public int port() {
        return port;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public Memory memory() throws IOException {
        in.write("memory\n");
        in.flush();
        String[] parts = answer().split(" ");
        return new Memory(
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]),
                Long.parseLong(parts[2]),
                resident());
    }

    /** The resident memory of the process now, in bytes. */
    public long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc", "" + process.pid(), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .sum();
    }

    /** The next line that begins with {@code >}: the hub logs on the same stream. */
    private String answer() throws IOException {
        String line = out.readLine();
        while (line != null && !line.startsWith(">")) {
            line = out.readLine();
        }
        if (line == null) {
            throw new AssertionError("the hub has ended");
        }
        return line.substring(1);
    }

    @Override
    public void close() throws Exception {
        in.close();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    /** Runs until its input ends. */
    public static void main(String[] retention) throws Exception {
        TestHub hub = new TestHub();
        for (String rule : retention) {
            int equals = rule.indexOf('=');
            hub.retain(rule.substring(0, equals), Integer.parseInt(rule.substring(equals + 1)));
        }
        hub.start();
        System.out.println(">" + hub.port());
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (commands.readLine() != null) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            System.out.printf(
                    ">%d %d %d%n",
                    runtime.totalMemory() - runtime.freeMemory(),
                    PlatformDependent.usedDirectMemory(),
                    PooledByteBufAllocator.DEFAULT.pinnedDirectMemory());
        }
        hub.stop();
    }
}
