package io.anabranch.http;

import io.anabranch.auth.Authenticator;
import io.anabranch.auth.Principal;
import io.anabranch.auth.Revocations;
import io.anabranch.auth.Tickets;
import io.anabranch.auth.VerifiedToken;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.Function;
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
    private final Function<RoutingContext, Optional<Principal>> login;

    /**
     * @param login whom the application knows that the hub is part of; asked before all else
     */
    Credentials(
            Authenticator authenticator,
            Revocations revocations,
            Tickets tickets,
            TokenCookie cookie,
            Function<RoutingContext, Optional<Principal>> login) {
        this.login = login;
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
    Future<Principal> of(RoutingContext context) {
        return of(context, null);
    }

    /**
     * @param ticket counts where no token is shown; null for none
     */
    Future<Principal> of(RoutingContext context, @Nullable String ticket) {
        HttpServerRequest request = context.request();
        try {
            requireNoTokenInUrl(request);
            Optional<Principal> known = login(context);
            if (known.isPresent()) {
                return Future.succeededFuture(unlessRevoked(known.get()));
            }
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
     * With the claims of the token, and another cookie that may carry it. Fails as {@link #of}
     * does.
     */
    Future<VerifiedToken> verified(RoutingContext context, TokenCookie otherCookie) {
        HttpServerRequest request = context.request();
        try {
            requireNoTokenInUrl(request);
            Optional<Principal> known = login(context);
            if (known.isPresent()) {
                return Future.succeededFuture(withoutClaims(unlessRevoked(known.get())));
            }
            return bearer(request.getHeader(HttpHeaders.AUTHORIZATION))
                    .or(() -> otherCookie.token(request))
                    .map(token -> authenticator.verify(token).map(this::unlessRevoked))
                    .orElseGet(
                            () -> Future.succeededFuture(withoutClaims(authenticator.anonymous())));
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private static VerifiedToken withoutClaims(Principal principal) {
        return new VerifiedToken(principal, new JsonObject());
    }

    private VerifiedToken unlessRevoked(VerifiedToken token) {
        revocations.requireNotRevoked(token.principal());
        return token;
    }

    /**
     * Checks before a WebSocket's upgrade where a cookie may count.
     *
     * @throws Refusal as {@link TokenCookie#token} does
     */
    void requireOwnPage(RoutingContext context) {
        if (login(context).isEmpty() && shown(context.request()).isEmpty()) {
            Optional<String> unused = cookie.token(context.request());
        }
    }

    /** Whom the application knows by a cookie it knows on pages alone that may ask. */
    private Optional<Principal> login(RoutingContext context) {
        Optional<Principal> known = login.apply(context);
        MultiMap headers = context.request().headers();
        if (known.isPresent()
                && headers.contains(HttpHeaders.COOKIE)
                && !headers.contains(HttpHeaders.AUTHORIZATION)) {
            TokenCookie.requireOwnPage(context.request());
        }
        return known;
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
