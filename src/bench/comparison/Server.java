package comparison;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One server on a free port of the loopback interface, on the first core, until it is closed. */
final class Server implements AutoCloseable {
    private static final int START_SECONDS = 30;
    private static final int STOP_SECONDS = 5;
    private static final int SETTLE_SECONDS = 10;
    private static final long SETTLE_STEP_MS = 250;
    private static final double IDLE_SHARE = 0.04;

    private final Peer peer;
    private final int port;
    private final Path directory;
    private final Process process;
    private final Thread atExit = new Thread(this::end);

    /** Returns when it listens. */
    Server(Peer peer) throws IOException, InterruptedException {
        this.peer = peer;
        port = freePort();
        directory =
                Files.createTempDirectory(Files.createDirectories(Path.of("target/bench")), "run-");
        Path log = directory.resolve("log");
        List<String> command = new ArrayList<>(List.of("taskset", "-c", "0"));
        command.addAll(peer.command(port, directory, this::configuration));
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        Runtime.getRuntime().addShutdownHook(atExit);
        awaitListening(log);
    }

    Peer peer() {
        return peer;
    }

    int port() {
        return port;
    }

    /** Of all its processes, with commas between. */
    String pids() {
        return processes()
                .map(handle -> Long.toString(handle.pid()))
                .collect(Collectors.joining(","));
    }

    private Stream<ProcessHandle> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    /** Waits until it has done what it does of its own after a load, such as to compile. */
    void settle() throws InterruptedException {
        long busy = (long) (IDLE_SHARE * TimeUnit.MILLISECONDS.toNanos(SETTLE_STEP_MS));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
        long before = cpuNanos();
        long used = Long.MAX_VALUE;
        while (used > busy && System.nanoTime() < deadline) {
            Thread.sleep(SETTLE_STEP_MS);
            long now = cpuNanos();
            used = now - before;
            before = now;
        }
    }

    private long cpuNanos() {
        return processes()
                .flatMap(handle -> handle.info().totalCpuDuration().stream())
                .mapToLong(Duration::toNanos)
                .sum();
    }

    /** A configuration of {@code src/bench/servers} with its {port} and {directory} filled in. */
    private Path configuration(String name) {
        try {
            String text =
                    Files.readString(Path.of("src/bench/servers", name))
                            .replace("{port}", Integer.toString(port))
                            .replace("{management}", Integer.toString(freePort()))
                            .replace("{directory}", directory.toAbsolutePath().toString());
            return Files.writeString(directory.resolve(name), text).toAbsolutePath();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void awaitListening(Path log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!listens()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                String said = Files.readString(log);
                close();
                throw new IOException(peer + " does not listen on port " + port + ":\n" + said);
            }
            Thread.sleep(50);
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        end();
    }

    private void end() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
        delete();
    }

    private void delete() {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            System.err.println("left behind: " + directory);
        }
    }
}
