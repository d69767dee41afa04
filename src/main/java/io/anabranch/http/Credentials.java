package io.anabranch.http;

import io.anabranch.auth.Authenticator;
import io.anabranch.auth.Principal;
import io.anabranch.auth.Tickets;
import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out who sends a request: by its bearer token, its subprotocol, or its ticket. */
final class Credentials {
    private static final String BEARER = "Bearer ";
    private static final String SUBPROTOCOL_BEARER = "bearer.";

    private final Authenticator authenticator;
    private final Tickets tickets;

    Credentials(Authenticator authenticator, Tickets tickets) {
        this.authenticator = authenticator;
        this.tickets = tickets;
    }

    Tickets tickets() {
        return tickets;
    }

    /** Fails with {@code unauthorized} when a token is shown that is no good. */
    Future<Principal> of(HttpServerRequest request) {
        return of(request, null);
    }

    /**
     * @param ticket counts where no token is shown; null for none
     */
    Future<Principal> of(HttpServerRequest request, @Nullable String ticket) {
        Optional<String> token = bearer(request).or(() -> subprotocolBearer(request));
        if (token.isPresent()) {
            return authenticator.authenticate(token.get());
        }
        if (ticket == null) {
            return Future.succeededFuture(authenticator.anonymous());
        }
        try {
            return Future.succeededFuture(tickets.redeem(ticket));
        } catch (Refusal refusal) {
            return Future.failedFuture(refusal);
        }
    }

    Future<Principal> ofToken(String token) {
        return authenticator.authenticate(token);
    }

    private static Optional<String> bearer(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader("Authorization"))
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
