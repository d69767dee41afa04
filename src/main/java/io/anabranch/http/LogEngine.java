package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.log.Log;
import io.anabranch.log.LogClock;
import io.anabranch.log.MemoryLog;
import io.anabranch.log.Retention;
import io.anabranch.log.nats.NatsLog;
import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.metrics.Metric;
import io.anabranch.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.File;
import java.nio.file.Path;
import java.util.function.Function;

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
                                    BrokerOptions.of(broker, store.dedupWindowMs(), vertx),
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
}
