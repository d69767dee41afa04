package io.anabranch.embedding;

import io.anabranch.Anabranch;
import io.anabranch.AnabranchOptions;
import io.anabranch.auth.Grants;
import io.anabranch.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An application of Vert.x that hubs are part of, until its test ends. */
final class Application implements AfterEachCallback {
    private static final Grants ALL =
            new Grants(List.of("*"), List.of("*"), List.of("*"), List.of("*"), false);

    private final Vertx vertx = Vertx.vertx();

    Vertx vertx() {
        return vertx;
    }

    /** Of a hub that forgets, and whose clients are all logged in as {@code ann}. */
    static AnabranchOptions options() {
        return new AnabranchOptions(
                        new JsonObject().put("log", new JsonObject().put("type", "memory")))
                .login(context -> Optional.of(Principal.of("ann", ALL)));
    }

    Anabranch create(AnabranchOptions options) throws Exception {
        return await(Anabranch.create(vertx, options));
    }

    static <T> T await(Future<T> future) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        await(vertx.close());
    }
}
