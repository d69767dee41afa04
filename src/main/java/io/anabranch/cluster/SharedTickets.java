package io.anabranch.cluster;

import io.anabranch.auth.Principal;
import io.anabranch.auth.Tickets;
import io.anabranch.log.nats.NatsFailure;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Tickets that any hub takes back, once. The bucket has their hashes: who can read it gets in with
 * none of them.
 */
final class SharedTickets implements Tickets {
    private final Bucket bucket;

    SharedTickets(Bucket bucket) {
        this.bucket = bucket;
    }

    @Override
    public Future<String> issue(Principal principal) {
        String ticket = Tickets.fresh();
        return bucket.put(key(ticket), principal.toJson(), 0).map(ticket);
    }

    @Override
    public Future<Principal> redeem(String ticket) {
        String key = key(ticket);
        return bucket.get(key)
                .compose(
                        entry ->
                                entry.value().isEmpty()
                                        ? Future.failedFuture(Tickets.unknown())
                                        : take(key, entry.revision(), entry.value().get()));
    }

    /** Of several hubs that try, the bucket lets one. */
    private Future<Principal> take(String key, long revision, JsonObject value) {
        return bucket.remove(key, revision)
                .recover(
                        failure ->
                                Future.failedFuture(
                                        NatsFailure.isWrongLastSequence(failure)
                                                ? Tickets.unknown()
                                                : failure))
                .compose(
                        unused ->
                                Tickets.unexpired(
                                        Principal.fromJson(value), System.currentTimeMillis()));
    }

    private static String key(String ticket) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(ticket.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
