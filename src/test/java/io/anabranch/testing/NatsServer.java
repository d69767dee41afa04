package io.anabranch.testing;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.anabranch.log.nats.NatsOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A NATS server with JetStream, in a process of its own, on a free port. */
public final class NatsServer implements AutoCloseable {
    private static final String PROGRAM = "nats-server";

    private final Path directory;
    private final int port;
    private final String more;
    private Process process;

    private NatsServer(Path directory, int port, String more) throws IOException {
        this.directory = directory;
        this.port = port;
        this.more = more;
        this.process = run();
    }

    /**
     * Starts one, and returns when it listens.
     *
     * @param directory where it keeps its streams
     */
    public static NatsServer start(Path directory) throws IOException {
        return start(directory, "");
    }

    /**
     * @param more of its configuration
     */
    public static NatsServer start(Path directory, String more) throws IOException {
        return new NatsServer(directory, Ports.free(), more);
    }

    /** Starts several that are one cluster, named {@code s0}, {@code s1}, … */
    public static List<NatsServer> cluster(Path directory, int count) throws IOException {
        List<Integer> ports = Stream.generate(Ports::free).limit(2L * count).toList();
        String routes =
                ports.subList(count, 2 * count).stream()
                        .map(port -> "\"nats-route://127.0.0.1:" + port + "\"")
                        .collect(Collectors.joining(", "));
        List<NatsServer> servers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String more =
                    "server_name: s%d%ncluster {name: c, listen: \"127.0.0.1:%d\", routes: [%s]}"
                            .formatted(i, ports.get(count + i), routes);
            Path own = Files.createDirectory(directory.resolve("s" + i));
            servers.add(new NatsServer(own, ports.get(i), more));
        }
        return servers;
    }

    private Process run() throws IOException {
        Path configuration = directory.resolve("nats-server.conf");
        Files.writeString(
                configuration,
                """
                listen: 127.0.0.1:%d
                jetstream { store_dir: "%s" }
                %s
                """
                        .formatted(port, directory.resolve("store"), more));
        Process started =
                new ProcessBuilder(List.of(PROGRAM, "-c", configuration.toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("nats-server.log").toFile())
                        .start();
        Awaitility.await().atMost(10, SECONDS).until(() -> listens(started));
        return started;
    }

    private boolean listens(Process started) {
        if (!started.isAlive()) {
            throw new IllegalStateException(PROGRAM + " has ended: " + said());
        }
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** What it has written down. */
    public String said() {
        try {
            return Files.readString(directory.resolve("nats-server.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    /** What a log needs to know of it. */
    public NatsOptions options(String stream, long dedupMs, long maxHotBytes) {
        return new NatsOptions(List.of(url()), null, null, stream, 1, dedupMs, maxHotBytes, true);
    }

    /** Ends it as a crash does. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Starts it again, on the same port and with what it kept. */
    public void restart() throws IOException {
        process = run();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
