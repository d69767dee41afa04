package io.anabranch.http;

import io.anabranch.auth.Authenticator;
import io.anabranch.auth.Principal;
import io.anabranch.auth.Revocations;
import io.anabranch.auth.Tickets;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who sends a request: by its bearer token, its subprotocol, its ticket, or its cookie,
 * in this order. A token in the URL, where it would end in logs and histories, is refused.
 */
final class Credentials {
    private static final String BEARER = "Bearer ";
    private static final String SUBPROTOCOL_BEARER = "bearer.";
    private static final Pattern TOKEN_IN_URL =
            Pattern.compile(
                    "(?:^|&)(token|access_token|id_token|jwt|bearer|authorization)=",
                    Pattern.CASE_INSENSITIVE);

    private final Authenticator authenticator;
    private final Revocations revocations;
    private final Tickets tickets;
    private final TokenCookie cookie;

    Credentials(
            Authenticator authenticator,
            Revocations revocations,
            Tickets tickets,
            TokenCookie cookie) {
        this.authenticator = authenticator;
        this.revocations = revocations;
        this.tickets = tickets;
        this.cookie = cookie;
    }

    Tickets tickets() {
        return tickets;
    }

    Revocations revocations() {
        return revocations;
    }

    /** Why nobody with a token can be let in now; empty when they can. */
    Optional<String> notReady() {
        return authenticator.notReady();
    }

    /** Fails with {@code unauthorized} when a token is shown that is no good. */
    Future<Principal> of(HttpServerRequest request) {
        return of(request, null);
    }

    /**
     * @param ticket counts where no token is shown; null for none
     */
    Future<Principal> of(HttpServerRequest request, @Nullable String ticket) {
        try {
            requireNoTokenInUrl(request);
            Optional<String> shown = shown(request);
            if (shown.isEmpty() && ticket != null) {
                return OnLoop.onLoop(tickets.redeem(ticket)).map(this::unlessRevoked);
            }
            return ofShown(shown.or(() -> cookie.token(request)));
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    /** The same for a request that has at most this to show; null for none. */
    Future<Principal> ofAuthorization(@Nullable String header) {
        return ofShown(bearer(header));
    }

    private Future<Principal> ofShown(Optional<String> token) {
        return token.map(this::ofToken)
                .orElseGet(() -> Future.succeededFuture(authenticator.anonymous()));
    }

    /**
     * Checks before a WebSocket's upgrade where a cookie may count.
     *
     * @throws Refusal as {@link TokenCookie#token} does
     */
    void requireOwnPage(HttpServerRequest request) {
        if (shown(request).isEmpty()) {
            Optional<String> unused = cookie.token(request);
        }
    }

    Future<Principal> ofToken(String token) {
        return authenticator.authenticate(token).map(this::unlessRevoked);
    }

    private Principal unlessRevoked(Principal principal) {
        revocations.requireNotRevoked(principal);
        return principal;
    }

    /**
     * For requests that last: whether what was shown when they began still counts.
     *
     * @throws Refusal {@code unauthorized} when the token has expired or is revoked
     */
    void requireStillGood(Principal principal) {
        if (principal.isExpired(System.currentTimeMillis())) {
            throw new Refusal(Reason.UNAUTHORIZED, "token: expired while the request lasted");
        }
        revocations.requireNotRevoked(principal);
    }

    private static Optional<String> shown(HttpServerRequest request) {
        return bearer(request.getHeader("Authorization")).or(() -> subprotocolBearer(request));
    }

    private static void requireNoTokenInUrl(HttpServerRequest request) {
        String query = request.query();
        Matcher found = TOKEN_IN_URL.matcher(query == null ? "" : query);
        if (found.find()) {
            throw Refusal.badRequest(
                    found.group(1)
                            + ": a parameter of the URL (expected: Authorization: Bearer, the"
                            + " subprotocol bearer.<jwt>, or ticket= of POST /api/v1/tickets: URLs"
                            + " end in logs)");
        }
    }

    private static Optional<String> bearer(@Nullable String authorization) {
        return Optional.ofNullable(authorization)
                .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(value -> value.substring(BEARER.length()).trim());
    }

    private static Optional<String> subprotocolBearer(HttpServerRequest request) {
        return Subprotocols.offered(request).stream()
                .filter(name -> name.startsWith(SUBPROTOCOL_BEARER))
                .map(name -> name.substring(SUBPROTOCOL_BEARER.length()))
                .findFirst();
    }
}
