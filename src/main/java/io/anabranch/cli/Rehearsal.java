package io.anabranch.cli;

import io.anabranch.auth.Grants;
import io.anabranch.auth.TokenIssuer;
import io.anabranch.client.ConnectOptions;
import io.anabranch.client.HubClient;
import io.anabranch.client.SubscribeOptions;
import io.anabranch.client.Transport;
import io.anabranch.config.Config;
import io.anabranch.config.ConfigLoader;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ExitCode;

/**
 * A hub that starts, delivers a message by each transport, and ends: what the JVM makes an archive
 * of classes from, with {@code -XX:AOTCacheOutput} (JEP 514) or {@code -XX:ArchiveClassesAtExit}
 * (JEP 350). For {@code bin/anabranch}: its argument is an empty directory. Exit code 1 when a
 * message does not arrive.
 */
final class Rehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
    private static final String CHANNEL = "rehearsal";
    private static final long WITHIN_S = 60;

    private Rehearsal() {}

    public static void main(String... args) throws IOException {
        Path file = configuration(Path.of(args[0]));
        Config config = ConfigLoader.load(file, List.of());
        new Thread(() -> System.exit(play(config)), "rehearsal").start();
        Main.main("--config", file.toString());
    }

    /** As most hubs are: over a file, and with nothing that only some of them have. */
    private static Path configuration(Path directory) throws IOException {
        return Files.writeString(
                directory.resolve("hub.yaml"),
                """
                http: {port: %d, drain: 0s}
                management: {port: 0}
                auth: {keys: [{id: main, algorithm: HS256, secret: "%s"}]}
                log: {type: sqlite, path: "%s"}
                """
                        .formatted(freePort(), UUID.randomUUID(), directory.resolve("log.db")));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The client waits for the hub by itself. Gives the exit code. */
    private static int play(Config config) {
        Vertx vertx = Vertx.vertx();
        List<String> channels = List.of(CHANNEL);
        Grants grants = new Grants(channels, channels, List.of(), List.of(), false);
        String token = new TokenIssuer(config.auth()).issue(null, grants, Duration.ofHours(1));
        try {
            for (Transport transport : Transport.values()) {
                ConnectOptions options = new ConnectOptions().token(token).transports(transport);
                String url = HubOptions.address(config.http(), config.http().port());
                deliver(HubClient.connect(vertx, url, options))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(WITHIN_S, TimeUnit.SECONDS);
            }
            return ExitCode.OK;
        } catch (Exception e) {
            LOG.error("no message arrived: {}", e.toString());
            return ExitCode.SOFTWARE;
        }
    }

    private static Future<?> deliver(HubClient client) {
        Promise<Object> delivered = Promise.promise();
        client.subscribe(CHANNEL, delivered::tryComplete, SubscribeOptions.last(1));
        return client.publish(CHANNEL, "hi")
                .compose(unused -> delivered.future())
                .eventually(client::close);
    }
}
