package io.anabranch.cluster;

import io.anabranch.auth.Permissions;
import io.anabranch.auth.Principal;
import io.anabranch.auth.Tickets;
import io.anabranch.log.nats.NatsFailure;
import io.anabranch.message.ChannelPattern;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

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
        return bucket.put(key(ticket), toJson(principal), 0).map(ticket);
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
                .compose(unused -> Tickets.unexpired(fromJson(value), System.currentTimeMillis()));
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

    private static JsonObject toJson(Principal principal) {
        Permissions may = principal.permissions();
        return new JsonObject()
                .put("user", principal.user())
                .put("subscribe", texts(may.subscribe()))
                .put("publish", texts(may.publish()))
                .put("presence", texts(may.presence()))
                .put("call", new JsonArray(may.call()))
                .put("admin", may.admin())
                .put("expires", principal.expiresAtMs())
                .put("issued", principal.issuedAtMs())
                .put("jti", principal.jti());
    }

    private static Principal fromJson(JsonObject json) {
        return new Principal(
                json.getString("user"),
                new Permissions(
                        patterns(json.getJsonArray("subscribe")),
                        patterns(json.getJsonArray("publish")),
                        patterns(json.getJsonArray("presence")),
                        json.getJsonArray("call").stream().map(String::valueOf).toList(),
                        json.getBoolean("admin")),
                json.getLong("expires"),
                json.getLong("issued"),
                json.getString("jti"));
    }

    private static JsonArray texts(List<ChannelPattern> patterns) {
        return new JsonArray(patterns.stream().map(ChannelPattern::text).toList());
    }

    private static List<ChannelPattern> patterns(JsonArray texts) {
        return texts.stream().map(text -> new ChannelPattern(String.valueOf(text))).toList();
    }
}
