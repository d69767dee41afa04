package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.log.Log;
import io.anabranch.log.LogClock;
import io.anabranch.log.MemoryLog;
import io.anabranch.log.Retention;
import io.anabranch.log.nats.NatsLog;
import io.anabranch.log.nats.NatsOptions;
import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.metrics.Metric;
import io.anabranch.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.File;
import java.nio.file.Path;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Opens the log that the configuration names. */
final class LogEngine {
    private static final long EXPIRE_EVERY_MS = 1_000;

    private LogEngine() {}

    /** Fails with a {@link io.anabranch.message.Refusal} that says what to do. */
    static Future<Log> open(Config config, Vertx vertx, Metrics metrics) {
        return open(config, vertx)
                .map(
                        log -> {
                            boolean onDisk = config.log().type().equals("sqlite");
                            Path file = config.log().path();
                            metrics.gauge(Metric.LOG_BYTES, () -> onDisk ? bytes(file) : 0);
                            return new MeasuredLog(log, metrics);
                        });
    }

    /** What a file and its write-ahead log take, in bytes. */
    private static long bytes(Path file) {
        return new File(file.toString()).length() + new File(file + "-wal").length();
    }

    private static Future<Log> open(Config config, Vertx vertx) {
        Function<Channel, Retention> retention = channel -> config.rule(channel).retention();
        Config.LogStore store = config.log();
        if (store.type().equals("memory")) {
            MemoryLog log = new MemoryLog(retention, store.dedupWindowMs(), LogClock.system());
            vertx.setPeriodic(EXPIRE_EVERY_MS, timer -> log.expire());
            return Future.succeededFuture(log);
        }
        Config.Nats broker = store.nats();
        if (broker != null) {
            return vertx.executeBlocking(
                    () ->
                            NatsLog.open(
                                    natsOptions(broker, store.dedupWindowMs(), vertx),
                                    retention,
                                    System::currentTimeMillis));
        }
        SqliteOptions options =
                new SqliteOptions(
                        store.path(),
                        store.dedupWindowMs(),
                        store.maxBytes(),
                        SqliteOptions.Bounds.standard());
        return vertx.executeBlocking(() -> SqliteLog.open(options, retention, LogClock.system()));
    }

    private static NatsOptions natsOptions(Config.Nats broker, long dedupWindowMs, Vertx vertx)
            throws Exception {
        return new NatsOptions(
                broker.servers(),
                broker.credentials(),
                tls(broker, vertx),
                broker.stream(),
                broker.replicas(),
                dedupWindowMs,
                NatsOptions.STANDARD_HOT_BYTES);
    }

    private static @Nullable SSLContext tls(Config.Nats broker, Vertx vertx) throws Exception {
        Path authority = broker.authority();
        Config.Tls client = broker.client();
        if (authority == null && client == null) {
            return null;
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                client == null
                        ? null
                        : new PemKeyCertOptions()
                                .setCertPath(client.cert().toString())
                                .setKeyPath(client.key().toString())
                                .getKeyManagerFactory(vertx)
                                .getKeyManagers(),
                authority == null
                        ? null
                        : new PemTrustOptions()
                                .addCertPath(authority.toString())
                                .getTrustManagerFactory(vertx)
                                .getTrustManagers(),
                null);
        return context;
    }
}
