package io.anabranch.auth;

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
