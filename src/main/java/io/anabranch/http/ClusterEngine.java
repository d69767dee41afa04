package io.anabranch.http;

import io.anabranch.auth.RevocationStore;
import io.anabranch.auth.SqliteRevocations;
import io.anabranch.cluster.Cluster;
import io.anabranch.cluster.NatsCluster;
import io.anabranch.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;

/** Joins the hubs that share the log that the configuration names, if any do. */
final class ClusterEngine {
    private ClusterEngine() {}

    /** Fails with a {@link io.anabranch.message.Refusal} that says what to do. */
    static Future<Cluster> open(Config config, Vertx vertx) {
        Config.LogStore store = config.log();
        Config.Nats broker = store.nats();
        if (broker != null) {
            return vertx.executeBlocking(
                    () -> NatsCluster.open(BrokerOptions.of(broker, store.dedupWindowMs(), vertx)));
        }
        RevocationStore revocations =
                store.type().equals("sqlite")
                        ? new SqliteRevocations(vertx, besides(store.path()))
                        : RevocationStore.none();
        return Future.succeededFuture(Cluster.alone(revocations));
    }

    /** {@code data/anabranch-revocations.db} for {@code data/anabranch.db}. */
    private static Path besides(Path log) {
        String name = String.valueOf(log.getFileName());
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        return log.resolveSibling(stem + "-revocations.db");
    }
}
