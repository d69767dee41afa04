package io.anabranch.auth;

import io.anabranch.message.ChannelPattern;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whose token was verified, whom the application knows, or an anonymous client.
 *
 * @param user the token's {@code sub}; null when there is none
 * @param expiresAtMs when its rights end, in ms since 1970 UTC; {@link #NEVER} without a token
 * @param issuedAtMs the token's {@code iat}, in ms since 1970 UTC; 0 when it does not say
 * @param jti the token's {@code jti}, by which it may be revoked; null when there is none
 */
public record Principal(
        @Nullable String user,
        Permissions permissions,
        long expiresAtMs,
        long issuedAtMs,
        @Nullable String jti) {
    public static final long NEVER = Long.MAX_VALUE;

    static Principal anonymous(Permissions permissions) {
        return new Principal(null, permissions, NEVER, 0, null);
    }

    /**
     * Somebody whom the application knows that a hub is part of, from now on and until that ends
     * it.
     */
    public static Principal of(String user, Grants grants) {
        return new Principal(user, grants.of(user), NEVER, System.currentTimeMillis(), null);
    }

    /** For where it is shown again, by one who is trusted; holds no token. */
    public JsonObject toJson() {
        return new JsonObject()
                .put("user", user)
                .put("subscribe", texts(permissions.subscribe()))
                .put("publish", texts(permissions.publish()))
                .put("presence", texts(permissions.presence()))
                .put("call", new JsonArray(permissions.call()))
                .put("admin", permissions.admin())
                .put("expires", expiresAtMs)
                .put("issued", issuedAtMs)
                .put("jti", jti);
    }

    /** The reverse of {@link #toJson}. */
    public static Principal fromJson(JsonObject json) {
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

    /** Whether nobody said who it is. */
    public boolean isAnonymous() {
        return user == null && expiresAtMs == NEVER;
    }

    /**
     * @param now ms since 1970 UTC
     */
    public boolean isExpired(long now) {
        return now >= expiresAtMs;
    }
}
