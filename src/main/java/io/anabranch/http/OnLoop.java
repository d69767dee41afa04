package io.anabranch.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/** Brings what the log answers, on threads of its own, back to the event loop that asked. */
final class OnLoop {
    private OnLoop() {}

    /** The same future, but completed on the caller's event loop. */
    static <T> Future<T> onLoop(Future<T> future) {
        Context context = Vertx.currentContext();
        if (future.isComplete() || context == null) {
            return future;
        }
        Promise<T> here = Promise.promise();
        future.onComplete(result -> context.runOnContext(unused -> here.handle(result)));
        return here.future();
    }
}
