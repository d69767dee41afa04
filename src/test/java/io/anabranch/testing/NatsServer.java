package io.anabranch.testing;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.anabranch.log.nats.NatsOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;

/** A NATS server with JetStream, in a process of its own, on a free port. */
public final class NatsServer implements AutoCloseable {
    private static final String PROGRAM = "nats-server";

    private final Path directory;
    private final int port;
    private Process process;

    private NatsServer(Path directory, int port) throws IOException {
        this.directory = directory;
        this.port = port;
        this.process = run();
    }

    /**
     * Starts one, and returns when it listens.
     *
     * @param directory where it keeps its streams
     */
    public static NatsServer start(Path directory) throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            int port = free.getLocalPort();
            free.close();
            return new NatsServer(directory, port);
        }
    }

    private Process run() throws IOException {
        Path configuration = directory.resolve("nats-server.conf");
        Files.writeString(
                configuration,
                """
                listen: 127.0.0.1:%d
                jetstream { store_dir: "%s" }
                """
                        .formatted(port, directory.resolve("store")));
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
            throw new IllegalStateException(
                    PROGRAM + " has ended, see " + directory.resolve("nats-server.log"));
        }
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
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
        return new NatsOptions(List.of(url()), null, null, stream, 1, dedupMs, maxHotBytes);
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
