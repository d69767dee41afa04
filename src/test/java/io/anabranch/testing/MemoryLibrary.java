package io.anabranch.testing;

import io.anabranch.demo.Library;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;

/** The library with books of its own, for a hub that names its verticles by their class. */
public final class MemoryLibrary extends VerticleBase {
    @Override
    public Future<?> start() {
        JsonObject config = new JsonObject().put("path", ":memory:");
        return vertx.deployVerticle(new Library(), new DeploymentOptions().setConfig(config));
    }
}
