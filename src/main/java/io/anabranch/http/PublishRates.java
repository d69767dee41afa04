package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many messages a second a user may publish over all connections, and over one. Who has no name
 * is told apart by address. Safe for use by any thread.
 */
final class PublishRates {
    /** So many buckets are kept before those that are full again are forgotten. */
    private static final int SWEEP_AT = 10_000;

    /** In that time a bucket fills up. */
    private static final long SWEEP_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int perUser;
    private final int perConnection;
    private final LongSupplier nanos;
    private final ConcurrentMap<String, TokenBucket> users = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, TokenBucket> addresses = new ConcurrentHashMap<>();
    private volatile long sweptAt;

    /**
     * @param perUser messages a second
     * @param perConnection messages a second
     * @param nanos such as {@link System#nanoTime}
     */
    PublishRates(int perUser, int perConnection, LongSupplier nanos) {
        this.perUser = perUser;
        this.perConnection = perConnection;
        this.nanos = nanos;
        this.sweptAt = nanos.getAsLong();
    }

    /** The bucket of one connection: a WebSocket, or a request whose items stream in. */
    TokenBucket connection() {
        return new TokenBucket(perConnection);
    }

    /**
     * Lets one message pass.
     *
     * @param connection null where one connection is one message
     * @return 0, or after how many nanoseconds it may
     */
    long take(Principal principal, String address, @Nullable TokenBucket connection) {
        long now = nanos.getAsLong();
        long wait = connection == null ? 0 : connection.take(now);
        return wait > 0 ? wait : takeOfUser(principal, address, connection, now);
    }

    private long takeOfUser(
            Principal principal, String address, @Nullable TokenBucket connection, long now) {
        String user = principal.user();
        TokenBucket bucket =
                user == null ? bucket(addresses, address, now) : bucket(users, user, now);
        long wait = bucket.take(now);
        if (wait > 0 && connection != null) {
            connection.putBack();
        }
        return wait;
    }

    private TokenBucket bucket(ConcurrentMap<String, TokenBucket> buckets, String whose, long now) {
        TokenBucket known = buckets.get(whose);
        if (known != null) {
            return known;
        }
        forgetFull(now);
        return buckets.computeIfAbsent(whose, unused -> new TokenBucket(perUser));
    }

    private void forgetFull(long now) {
        if (users.size() + addresses.size() >= SWEEP_AT && now - sweptAt >= SWEEP_EVERY_NANOS) {
            sweptAt = now;
            users.values().removeIf(bucket -> bucket.isFull(now));
            addresses.values().removeIf(bucket -> bucket.isFull(now));
        }
    }

    /**
     * Lets one message pass, or not.
     *
     * @throws Refusal {@code too_many_requests}, with the limit that it went beyond
     */
    void require(Principal principal, String address, @Nullable TokenBucket connection) {
        long now = nanos.getAsLong();
        if (connection != null && connection.take(now) > 0) {
            throw tooMany(
                    perConnection < perUser
                            ? Limit.PUBLISH_PER_SECOND_PER_CONNECTION
                            : Limit.PUBLISH_PER_SECOND,
                    perConnection);
        }
        if (takeOfUser(principal, address, connection, now) > 0) {
            throw tooMany(Limit.PUBLISH_PER_SECOND, perUser);
        }
    }

    private static Refusal tooMany(Limit limit, int most) {
        return Refusal.overLimit(
                Reason.TOO_MANY_REQUESTS, limit, "publish: too many messages a second", most);
    }
}
