package io.anabranch;

import io.anabranch.config.Config;
import io.anabranch.http.HubCore;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An embedded hub's life: its timers, consumers and verticles end with it. */
final class HubVerticle extends VerticleBase {
    private final AnabranchOptions options;
    private @Nullable HubCore core;

    HubVerticle(AnabranchOptions options) {
        this.options = options;
    }

    HubCore core() {
        return Objects.requireNonNull(core);
    }

    @Override
    public Future<?> start() {
        return vertx.<Config>executeBlocking(options::config)
                .compose(config -> HubCore.open(config, vertx, options.login()))
                .compose(
                        opened ->
                                opened.deployVerticles()
                                        .recover(
                                                failure ->
                                                        opened.close()
                                                                .transform(
                                                                        unused ->
                                                                                Future.failedFuture(
                                                                                        failure)))
                                        .map(opened))
                .onSuccess(opened -> core = opened);
    }

    @Override
    public Future<?> stop() {
        HubCore open = core;
        return open == null
                ? Future.succeededFuture()
                : open.endConnections().transform(unused -> open.close());
    }
}
