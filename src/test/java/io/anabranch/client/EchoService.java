package io.anabranch.client;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;

/** {@code echo} answers what it is asked; {@code refuse} does not. */
public final class EchoService extends VerticleBase {
    @Override
    public Future<?> start() {
        vertx.eventBus()
                .<JsonObject>consumer(
                        "service.echo", request -> request.reply(request.body().getValue("data")));
        vertx.eventBus()
                .<JsonObject>consumer("service.refuse", request -> request.fail(409, "lent"));
        return Future.succeededFuture();
    }
}
