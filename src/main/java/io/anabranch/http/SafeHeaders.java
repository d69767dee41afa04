package io.anabranch.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * What every answer tells browsers: nothing but the hub's own files runs or is loaded, no page of
 * others frames it (CSP level 3), types are as they are said, addresses are not passed on, and what
 * came over TLS stays there (RFC 6797).
 */
final class SafeHeaders implements Handler<RoutingContext> {
    /** For connections, 'self' stands for ws and wss of the same host too. */
    private static final String POLICY =
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
                    + " object-src 'none'";

    private static final String A_YEAR = "max-age=31536000";

    @Override
    public void handle(RoutingContext context) {
        put(context.request());
        context.next();
    }

    static void put(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        response.putHeader("Content-Security-Policy", POLICY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin");
        if (request.isSSL()) {
            response.putHeader("Strict-Transport-Security", A_YEAR);
        }
    }
}
