package io.anabranch.auth;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Tickets: each stands for a principal, once, for 30 s (protocol, section 6). For clients that can
 * set no header. Safe for use by any thread; futures may complete on any.
 */
public interface Tickets {
    /** How long a ticket is good, in ms. */
    long LIFETIME_MS = 30_000;

    /**
     * Makes a ticket: 43 characters of base64url. Fails with {@code unavailable} when it cannot be
     * kept.
     */
    Future<String> issue(Principal principal);

    /**
     * Takes a ticket back for its principal, who has what the token grants for as long as it is
     * good. Fails with {@code unauthorized} when it is unknown, used, or older than 30 s, or its
     * token has expired.
     */
    Future<Principal> redeem(String ticket);

    /** What nobody can guess. */
    static String fresh() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Why a ticket that is not there is refused. */
    static Refusal unknown() {
        return new Refusal(
                Reason.UNAUTHORIZED,
                "ticket: unknown, used or older than "
                        + LIFETIME_MS / 1000
                        + " s (expected: a fresh one of POST /api/v1/tickets)");
    }

    /**
     * @param now ms since 1970 UTC
     */
    static Future<Principal> unexpired(Principal principal, long now) {
        return principal.isExpired(now)
                ? Future.failedFuture(
                        new Refusal(Reason.UNAUTHORIZED, "ticket: its token has expired"))
                : Future.succeededFuture(principal);
    }
}
