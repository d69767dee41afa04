package io.anabranch.auth;

import io.anabranch.auth.Revocation.Claim;
import io.anabranch.auth.Revocation.Target;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The revocations that count now. Asked by any thread, without a lock. */
public final class Revocations {
    /** How many may be held. */
    public static final int DEFAULT_CAPACITY = 100_000;

    private final ConcurrentSkipListMap<String, Revocation> byId = new ConcurrentSkipListMap<>();
    private final RevocationStore store;
    private final int capacity;
    private final LongSupplier clock;
    private volatile Consumer<Revocation> listener = revocation -> {};

    private Revocations(RevocationStore store, int capacity, LongSupplier clock) {
        this.store = store;
        this.capacity = capacity;
        this.clock = clock;
    }

    /** Takes up what the store has; fails when it cannot be read. */
    public static Future<Revocations> open(RevocationStore store) {
        return open(store, DEFAULT_CAPACITY, System::currentTimeMillis);
    }

    /**
     * @param clock milliseconds since 1970 UTC
     */
    static Future<Revocations> open(RevocationStore store, int capacity, LongSupplier clock) {
        return store.load()
                .map(
                        kept -> {
                            Revocations revocations = new Revocations(store, capacity, clock);
                            kept.forEach(it -> revocations.byId.put(it.target().id(), it));
                            store.follow(revocations.new Followed());
                            return revocations;
                        });
    }

    /**
     * Hands on each revocation as soon as it counts, on the thread that made it: to end the
     * connections that it concerns. To be called once, before any is made.
     */
    public void listen(Consumer<Revocation> onRevoked) {
        listener = onRevoked;
    }

    /**
     * Makes a revocation, or widens an earlier one of its target, and gives what counts now. It
     * counts when this returns; the future completes when it is stored, too. Where that fails it
     * counts until the hub stops.
     *
     * @throws Refusal {@code storage_full} when too many are held: then it does not count
     */
    public synchronized Future<Revocation> revoke(Revocation revocation) {
        String id = revocation.target().id();
        Revocation earlier = byId.get(id);
        if (earlier == null && byId.size() >= capacity) {
            throw new Refusal(
                    Reason.STORAGE_FULL,
                    "revocations: "
                            + capacity
                            + " are held (expected: fewer; give each an until, or lift some)");
        }
        Revocation counting = widened(revocation, earlier);
        byId.put(id, counting);
        listener.accept(counting);
        return store.put(counting)
                .map(counting)
                .recover(failure -> Future.failedFuture(notStored(counting, failure)));
    }

    private Revocation widened(Revocation revocation, @Nullable Revocation earlier) {
        return earlier == null || isOver(earlier) ? revocation : revocation.over(earlier);
    }

    /** What other hubs revoke and lift counts here too. */
    private final class Followed implements RevocationStore.Changes {
        @Override
        public void put(Revocation revocation) {
            synchronized (Revocations.this) {
                String id = revocation.target().id();
                Revocation earlier = byId.get(id);
                Revocation counting = widened(revocation, earlier);
                if (!counting.equals(earlier) && !isOver(counting)) {
                    byId.put(id, counting);
                    listener.accept(counting);
                }
            }
        }

        @Override
        public void removed(Target target) {
            synchronized (Revocations.this) {
                byId.remove(target.id());
            }
        }
    }

    private static Refusal notStored(Revocation counting, Throwable failure) {
        return new Refusal(
                Reason.UNAVAILABLE,
                counting.target().id()
                        + " is revoked until the hub stops, and not for longer: "
                        + failure.getMessage());
    }

    /** Takes a revocation back; false when there is none. */
    public synchronized Future<Boolean> lift(Target target) {
        Revocation lifted = byId.remove(target.id());
        return lifted == null
                ? Future.succeededFuture(false)
                : store.remove(target).map(!isOver(lifted));
    }

    /** Forgets those that have ended. For one thread, now and then. */
    public synchronized Future<Void> forgetEnded() {
        long now = clock.getAsLong();
        return byId.values().removeIf(revocation -> revocation.hasEnded(now))
                ? store.removeEnded(now)
                : Future.succeededFuture();
    }

    public boolean isRevoked(Principal principal) {
        return of(principal) != null;
    }

    /**
     * @throws Refusal {@code unauthorized} when the token that {@code principal} has shown is
     *     revoked
     */
    public void requireNotRevoked(Principal principal) {
        Revocation revocation = of(principal);
        if (revocation == null) {
            return;
        }
        boolean older =
                revocation.target().claim() == Claim.SUB
                        && revocation.issuedBeforeMs() != Revocation.ALL;
        String which =
                older
                        ? "those of its sub issued before "
                                + Instant.ofEpochMilli(revocation.issuedBeforeMs())
                                + " are, and those without an iat"
                        : "by its " + revocation.target().claim().label();
        throw new Refusal(
                Reason.UNAUTHORIZED, "token: revoked, " + which + " (expected: a new one)");
    }

    private @Nullable Revocation of(Principal principal) {
        Revocation byJti = of(principal, Claim.JTI, principal.jti());
        return byJti == null ? of(principal, Claim.SUB, principal.user()) : byJti;
    }

    private @Nullable Revocation of(Principal principal, Claim claim, @Nullable String value) {
        if (value == null || byId.isEmpty()) {
            return null;
        }
        Revocation revocation = byId.get(new Target(claim, value).id());
        return revocation == null || isOver(revocation) || !revocation.concerns(principal)
                ? null
                : revocation;
    }

    private boolean isOver(Revocation revocation) {
        return revocation.hasEnded(clock.getAsLong());
    }

    /**
     * Those that count, in the order of their ids.
     *
     * @param after only those whose id comes after this one; empty for all
     */
    public List<Revocation> list(String after, int limit) {
        return byId.tailMap(after, false).values().stream()
                .filter(revocation -> !isOver(revocation))
                .limit(limit)
                .toList();
    }
}
