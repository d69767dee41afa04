package io.anabranch.auth;

import io.vertx.core.Future;
import java.util.List;

/** Where revocations outlive the hub. Safe for use by any thread; calls are done in their order. */
public interface RevocationStore {
    /**
     * All that are kept. Fails with a {@link io.anabranch.message.Refusal} that says what to do.
     */
    Future<List<Revocation>> load();

    /** Completes when it is on stable storage, in the place of an earlier one of its target. */
    Future<Void> put(Revocation revocation);

    Future<Void> remove(Revocation.Target target);

    /**
     * Removes those that have ended.
     *
     * @param now ms since 1970 UTC
     */
    Future<Void> removeEnded(long now);

    /**
     * Hands on what is put and removed by this hub and by others that share the store. Does nothing
     * where nobody else does.
     */
    default void follow(Changes changes) {}

    /** Hears of changes, again of some that it knows; called by one thread at a time. */
    interface Changes {
        void put(Revocation revocation);

        void removed(Revocation.Target target);
    }

    /** Keeps nothing: what was revoked counts until the hub stops. */
    static RevocationStore none() {
        return new RevocationStore() {
            @Override
            public Future<List<Revocation>> load() {
                return Future.succeededFuture(List.of());
            }

            @Override
            public Future<Void> put(Revocation revocation) {
                return Future.succeededFuture();
            }

            @Override
            public Future<Void> remove(Revocation.Target target) {
                return Future.succeededFuture();
            }

            @Override
            public Future<Void> removeEnded(long now) {
                return Future.succeededFuture();
            }
        };
    }
}
