package io.anabranch.testing;

import io.anabranch.auth.AuthOptions;
import io.anabranch.auth.Grants;
import io.anabranch.auth.KeyOptions;
import io.anabranch.auth.TokenIssuer;
import io.anabranch.auth.TokenRules;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A hub in a process of its own, over a file, that may be killed and started again. */
public final class HubProcess implements AutoCloseable {
    private static final String SECRET = "a-secret-for-tests-of-32-bytes-at-least";

    private final Path directory;
    private final List<String> wrapper;
    private final int port;
    private int heapMiB = 128;
    private String heartbeat = "15s";
    private @Nullable String log;
    private String classPath = System.getProperty("java.class.path");
    private List<String> arguments = List.of();
    private @Nullable Process process;

    /**
     * @param wrapper a command that runs the command behind it; empty for none
     */
    public HubProcess(Path directory, List<String> wrapper) throws IOException {
        this.directory = directory;
        this.wrapper = wrapper;
        this.port = Ports.free();
        configure();
    }

    /** To be called before it starts. */
    public HubProcess heartbeat(String interval) throws IOException {
        heartbeat = interval;
        configure();
        return this;
    }

    /**
     * Its log is a stream that others may share, and it keeps presence. Called before it starts.
     */
    public HubProcess nats(String server, String stream) throws IOException {
        return nats(List.of(server), stream, 1);
    }

    public HubProcess nats(List<String> servers, String stream, int replicas) throws IOException {
        log =
                "{type: nats, servers: %s, stream: %s, replicas: %d}"
                        .formatted(new JsonArray(servers).encode(), stream, replicas);
        configure();
        return this;
    }

    private void configure() throws IOException {
        String store = log == null ? "{type: sqlite, path: \"%s\"}".formatted(log()) : log;
        Files.writeString(
                directory.resolve("hub.yaml"),
                """
                http: {port: %d, heartbeat: %s}
                management: {port: 0}
                limits: {publishPerSecond: 1000000, connectionsPerUser: 100000}
                auth: {keys: [{id: test, algorithm: HS256, secret: "%s"}]}
                log: %s
                channels:
                  "chat:*": {history: {messages: 1000000, age: 7d}, presence: true}
                  "ticker:*": {history: {messages: 1000000, age: 7d}, durable: false}
                  "bulk:*": {history: {messages: 20, age: 7d}}
                  "*": {history: {messages: 1000000, age: 7d}}
                """
                        .formatted(port, heartbeat, SECRET, store));
    }

    /** How large its heap may become. To be called before it starts. */
    public HubProcess heap(int mib) {
        heapMiB = mib;
        return this;
    }

    /** As it is packaged, and not from where it was compiled to. To be called before it starts. */
    public HubProcess jar(Path jar) {
        classPath = jar.toString();
        return this;
    }

    /** More for the command line, to be called before it starts. */
    public HubProcess arguments(String... more) {
        arguments = List.of(more);
        return this;
    }

    public Path log() {
        return directory.resolve("log.db");
    }

    /** Returns when it listens. */
    public void start() throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx" + heapMiB + "m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        classPath,
                        "io.anabranch.cli.Main",
                        "--config",
                        directory.resolve("hub.yaml").toString()));
        command.addAll(arguments);
        Path output = output();
        Process started =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                        .start();
        process = started;
        Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .pollInterval(20, TimeUnit.MILLISECONDS)
                .until(
                        () -> {
                            if (!started.isAlive()) {
                                throw new AssertionError(Files.readString(output));
                            }
                            return listens();
                        });
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends it as a failure of the power would end it, but for what the kernel has in memory. */
    public void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            hub(running).destroyForcibly();
            running.waitFor();
        }
    }

    /** Asks it to end, and waits until it has: SIGTERM, signal(7). */
    public void stop() throws InterruptedException {
        Process running = Objects.requireNonNull(process);
        hub(running).destroy();
        running.waitFor();
    }

    /** Stops it where it is. */
    public Pause pause() throws IOException, InterruptedException {
        return new Pause(hub(Objects.requireNonNull(process)));
    }

    public long pid() {
        return hub(Objects.requireNonNull(process)).pid();
    }

    /** How many files and sockets it has open. */
    public long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid()), "fd"))) {
            return files.count();
        }
    }

    /** What it and its wrapper have said. */
    public Path output() {
        return directory.resolve("hub.log");
    }

    /** The hub itself, where its wrapper has not become it. */
    private static ProcessHandle hub(Process started) {
        return started.descendants().findFirst().orElse(started.toHandle());
    }

    public URI uri(String pathAndQuery) {
        return URI.create("http://127.0.0.1:" + port + pathAndQuery);
    }

    public int port() {
        return port;
    }

    /** A token for everything. */
    public String token() {
        AuthOptions auth =
                new AuthOptions(
                        List.of(KeyOptions.hs256("test", SECRET)),
                        null,
                        TokenRules.ANY,
                        null,
                        Grants.NONE);
        List<String> all = List.of("*");
        return new TokenIssuer(auth)
                .issue("alice", new Grants(all, all, all, all, true), Duration.ofHours(10));
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
