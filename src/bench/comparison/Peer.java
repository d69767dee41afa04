package comparison;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The servers that are compared, each set up as its own documentation recommends. */
enum Peer {
    BARE("bare epoll loop"),
    NCHAN("Nchan"),
    NATS("NATS"),
    SOCKET_IO("Socket.IO"),
    ANABRANCH("Anabranch"),
    /** Handing out at most every 50 ms, which costs time and saves work. */
    BATCHING("Anabranch, every 50 ms");

    private static final Path JVM_OPTIONS = Path.of("conf/jvm.options");

    private final String title;

    Peer(String title) {
        this.title = title;
    }

    /** As the command line names it. */
    String argument() {
        return name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    /** Whose protocol the load generator speaks with it. */
    String protocol() {
        return isOurs() ? ANABRANCH.argument() : argument();
    }

    boolean isOurs() {
        return this == ANABRANCH || this == BATCHING;
    }

    @Override
    public String toString() {
        return title;
    }

    /**
     * @param configuration makes a file of one in {@code src/bench/servers}
     */
    List<String> command(int port, Path directory, Function<String, Path> configuration) {
        return switch (this) {
            case BARE -> List.of("target/bench/bare", Integer.toString(port));
            case NCHAN -> nginx(directory, configuration.apply("nchan.conf"));
            case NATS -> List.of("nats-server", "-c", configuration.apply("nats.conf").toString());
            case SOCKET_IO ->
                    List.of(
                            "node",
                            "src/bench/servers/socket.io/server.js",
                            Integer.toString(port));
            case ANABRANCH -> hub(configuration.apply("anabranch.yaml"));
            case BATCHING ->
                    hub(configuration.apply("anabranch.yaml"), "--set", "http.batchInterval=50ms");
        };
    }

    private static List<String> nginx(Path directory, Path configuration) {
        String prefix = directory.toAbsolutePath().toString();
        return List.of(
                "nginx",
                "-p",
                "/usr/share/nginx",
                "-e",
                prefix + "/errors",
                "-c",
                configuration + "");
    }

    /** With the JVM settings that the README recommends. */
    private static List<String> hub(Path configuration, String... arguments) {
        List<String> command = new ArrayList<>(List.of("java"));
        if (Files.exists(JVM_OPTIONS)) {
            command.add("@" + JVM_OPTIONS);
        }
        command.addAll(
                List.of("-jar", "target/anabranch.jar", "--config", configuration.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Of the program that serves, as it calls itself. */
    String version() throws IOException, InterruptedException {
        return switch (this) {
            case BARE -> firstLine("gcc", "--version") + ", -O2";
            case NCHAN ->
                    firstLine("nginx", "-v").replace("nginx version: ", "")
                            + ", libnginx-mod-nchan "
                            + firstLine("dpkg-query", "-W", "-f=${Version}", "libnginx-mod-nchan");
            case NATS -> firstLine("nats-server", "--version");
            case SOCKET_IO ->
                    firstLine(
                                    "node",
                                    "-p",
                                    "require('./src/bench/servers/socket.io/node_modules/socket.io/package.json').version")
                            + ", Node.js "
                            + firstLine("node", "--version");
            case ANABRANCH, BATCHING ->
                    firstLine("git", "describe", "--always", "--dirty")
                            + ", "
                            + firstLine("java", "-version");
        };
    }

    static String firstLine(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said.lines().findFirst().orElse("");
    }
}
