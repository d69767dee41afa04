package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.log.nats.NatsOptions;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** How to reach the broker that the configuration names. Reads files, so not for an event loop. */
final class BrokerOptions {
    private BrokerOptions() {}

    static NatsOptions of(Config.Nats broker, long dedupWindowMs, Vertx vertx) throws Exception {
        return new NatsOptions(
                broker.servers(),
                broker.credentials(),
                tls(broker, vertx),
                broker.stream(),
                broker.replicas(),
                dedupWindowMs,
                NatsOptions.STANDARD_HOT_BYTES,
                broker.byInterest());
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
