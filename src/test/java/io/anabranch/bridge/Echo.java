package io.anabranch.bridge;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;

/** A service that answers with what it was asked. */
public final class Echo extends VerticleBase {
    @Override
    public Future<?> start() {
        vertx.eventBus()
                .<JsonObject>consumer("service.echo")
                .handler(request -> request.reply(request.body().getValue("data")));
        return Future.succeededFuture();
    }
}
