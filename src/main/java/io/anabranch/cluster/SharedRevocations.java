package io.anabranch.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.auth.Revocation;
import io.anabranch.auth.Revocation.Target;
import io.anabranch.auth.RevocationStore;
import io.anabranch.log.nats.NatsFailure;
import io.anabranch.message.Refusal;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValueOperation;
import io.nats.client.api.KeyValueWatcher;
import io.nats.client.impl.NatsKeyValueWatchSubscription;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revocations that count at every hub, and outlive them all. Each hub watches the bucket; what two
 * hubs write at once adds up.
 */
final class SharedRevocations implements RevocationStore {
    private static final Logger LOG = LoggerFactory.getLogger(SharedRevocations.class);
    private static final int ATTEMPTS = 5;

    private static final long TRY_AGAIN_MS = 1_000;

    private final Bucket bucket;

    /** What is known is changed here alone. */
    private final ScheduledExecutorService thread = Threads.one("anabranch-revocations");

    private final Promise<List<Revocation>> loaded = Promise.promise();
    private final Map<Target, Known> known = new HashMap<>();
    private @Nullable Changes changes;
    private @Nullable NatsKeyValueWatchSubscription watch;
    private Future<?> last = Future.succeededFuture();

    private record Known(Revocation revocation, long revision) {}

    SharedRevocations(Bucket bucket) {
        this.bucket = bucket;
    }

    /**
     * Reads the bucket, and follows it; once more after the connection was lost, since a change may
     * have been missed.
     */
    void watch() {
        thread.execute(this::watchNow);
    }

    private void watchNow() {
        try {
            NatsKeyValueWatchSubscription earlier = watch;
            watch = bucket.keyValue().watchAll(new Watcher());
            if (earlier != null) {
                earlier.unsubscribe();
            }
        } catch (IOException | JetStreamApiException | RuntimeException e) {
            LOG.warn("revocations of other hubs are not heard yet: {}", e.getMessage());
            thread.schedule(this::watchNow, TRY_AGAIN_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void close() {
        thread.shutdownNow();
    }

    private final class Watcher implements KeyValueWatcher {
        @Override
        public void watch(KeyValueEntry entry) {
            thread.execute(Threads.guarded(() -> changed(entry)));
        }

        @Override
        public void endOfData() {
            thread.execute(
                    () ->
                            loaded.tryComplete(
                                    known.values().stream().map(Known::revocation).toList()));
        }
    }

    private void changed(KeyValueEntry entry) {
        byte[] value = entry.getValue();
        if (entry.getOperation() == KeyValueOperation.PUT && value != null) {
            Revocation put = fromJson(new JsonObject(new String(value, UTF_8)));
            known.put(put.target(), new Known(put, entry.getRevision()));
            if (changes != null) {
                changes.put(put);
            }
        } else {
            Target target = target(entry.getKey());
            Known before = known.get(target);
            if (before != null && before.revision > entry.getRevision()) {
                return;
            }
            known.remove(target);
            if (changes != null) {
                changes.removed(target);
            }
        }
    }

    @Override
    public Future<List<Revocation>> load() {
        return loaded.future();
    }

    @Override
    public void follow(Changes follower) {
        thread.execute(
                () -> {
                    changes = follower;
                    known.values().forEach(it -> follower.put(it.revocation));
                });
    }

    @Override
    public Future<Void> put(Revocation revocation) {
        return inOrder(() -> put(revocation, ATTEMPTS))
                .recover(
                        failure ->
                                Future.failedFuture(
                                        new Refusal(
                                                Refusal.Reason.UNAVAILABLE,
                                                "other hubs do not know of it: "
                                                        + failure.getMessage())));
    }

    private Future<Void> put(Revocation revocation, int attempts) {
        String key = key(revocation.target());
        return bucket.get(key)
                .compose(
                        entry -> {
                            Revocation counting =
                                    entry.value()
                                            .map(SharedRevocations::fromJson)
                                            .filter(it -> !it.hasEnded(revocation.sinceMs()))
                                            .map(revocation::over)
                                            .orElse(revocation);
                            return bucket.put(key, toJson(counting), entry.revision());
                        })
                .recover(failure -> again(failure, attempts, left -> put(revocation, left)));
    }

    @Override
    public Future<Void> remove(Target target) {
        return inOrder(() -> remove(target, ATTEMPTS));
    }

    private Future<Void> remove(Target target, int attempts) {
        String key = key(target);
        return bucket.get(key)
                .compose(
                        entry ->
                                entry.value().isEmpty()
                                        ? Future.<Void>succeededFuture()
                                        : bucket.remove(key, entry.revision()))
                .recover(failure -> again(failure, attempts, left -> remove(target, left)));
    }

    private interface Attempt {
        Future<Void> with(int attemptsLeft);
    }

    private static Future<Void> again(Throwable failure, int attempts, Attempt attempt) {
        return NatsFailure.isWrongLastSequence(failure) && attempts > 1
                ? attempt.with(attempts - 1)
                : Future.failedFuture(failure);
    }

    @Override
    public Future<Void> removeEnded(long now) {
        Promise<Void> removed = Promise.promise();
        thread.execute(() -> removeEndedNow(now).onComplete(removed));
        return removed.future();
    }

    private Future<Void> removeEndedNow(long now) {
        List<Future<Void>> removed = new ArrayList<>();
        for (Known one : List.copyOf(known.values())) {
            if (one.revocation.hasEnded(now)) {
                known.remove(one.revocation.target());
                removed.add(bucket.forget(one.revision));
            }
        }
        return Future.join(removed).mapEmpty();
    }

    private synchronized Future<Void> inOrder(Supplier<Future<Void>> work) {
        Future<Void> done = last.transform(unused -> work.get());
        last = done;
        return done;
    }

    private static String key(Target target) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(target.id().getBytes(UTF_8));
    }

    private static Target target(String key) {
        String id = new String(Base64.getUrlDecoder().decode(key), UTF_8);
        Optional<Target> target = Target.parse(id);
        return target.orElseThrow(() -> new IllegalArgumentException(id));
    }

    private static JsonObject toJson(Revocation revocation) {
        return new JsonObject()
                .put("target", revocation.target().id())
                .put("issuedBefore", revocation.issuedBeforeMs())
                .put("since", revocation.sinceMs())
                .put("until", revocation.untilMs());
    }

    private static Revocation fromJson(JsonObject json) {
        String id = json.getString("target");
        return new Revocation(
                Target.parse(id).orElseThrow(() -> new IllegalArgumentException(id)),
                json.getLong("issuedBefore"),
                json.getLong("since"),
                json.getLong("until"));
    }
}
