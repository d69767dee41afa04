package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.console.ManagementServer;
import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import org.jspecify.annotations.Nullable;

/**
 * The management port: what {@link ManagementServer} has, and for the console's page the hub's REST
 * interface and its event streams.
 */
final class ManagementLoop extends VerticleBase {
    private final Node node;
    private final Loops loops;
    private final Config config;
    private @Nullable Sessions sessions;
    private int port;

    ManagementLoop(Node node, Loops loops, Config config) {
        this.node = node;
        this.loops = loops;
        this.config = config;
    }

    @Override
    public Future<?> start() {
        sessions = loops.here().sessions();
        Routes routes = new Routes(node, loops, config.http());
        Config.Management management = config.management();
        return new ManagementServer(vertx, node.telemetry().metrics(), node::notReady)
                .listen(management.host(), management.port(), routes::mountForOperators)
                .onSuccess(bound -> port = bound)
                .recover(failure -> Future.failedFuture(cannotListen(management, failure)));
    }

    @Override
    public Future<?> stop() {
        return sessions == null
                ? Future.succeededFuture()
                : sessions.endAll(config.http().drainMs());
    }

    /** Where it listens, once it is deployed. */
    int port() {
        return port;
    }

    private static Refusal cannotListen(Config.Management management, Throwable failure) {
        return new Refusal(
                Refusal.Reason.UNAVAILABLE,
                "management.port: cannot listen on "
                        + management.host()
                        + ":"
                        + management.port()
                        + ": "
                        + String.valueOf(failure.getMessage()).replaceFirst("^bind\\(.*\\): ", "")
                        + " (another port: --set management.port=8091)");
    }
}
