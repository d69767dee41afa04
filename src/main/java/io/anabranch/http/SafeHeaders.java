package io.anabranch.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * What every answer tells browsers: nothing but the hub's own files runs or is loaded, no page of
 * others frames it (CSP level 3), types are as they are said, addresses are not passed on, and what
 * came over TLS stays there (RFC 6797).
 */
final class SafeHeaders implements Handler<RoutingContext> {
    private static final CharSequence POLICY_NAME = ready("Content-Security-Policy");

    /** For connections, 'self' stands for ws and wss of the same host too. */
    private static final CharSequence POLICY =
            ready(
                    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors"
                            + " 'none'; object-src 'none'");

    private static final CharSequence TYPE_OPTIONS = ready("X-Content-Type-Options");
    private static final CharSequence NOSNIFF = ready("nosniff");
    private static final CharSequence REFERRER_POLICY = ready("Referrer-Policy");
    private static final CharSequence NO_REFERRER = ready("no-referrer");
    private static final CharSequence RESOURCE_POLICY = ready("Cross-Origin-Resource-Policy");
    private static final CharSequence SAME_ORIGIN = ready("same-origin");
    private static final CharSequence STRICT_TRANSPORT = ready("Strict-Transport-Security");
    private static final CharSequence A_YEAR = ready("max-age=31536000");

    /** As bytes, which every answer copies and none has to encode. */
    private static CharSequence ready(String text) {
        return HttpHeaders.createOptimized(text);
    }

    @Override
    public void handle(RoutingContext context) {
        put(context.request());
        context.next();
    }

    static void put(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        response.putHeader(POLICY_NAME, POLICY)
                .putHeader(TYPE_OPTIONS, NOSNIFF)
                .putHeader(REFERRER_POLICY, NO_REFERRER)
                .putHeader(RESOURCE_POLICY, SAME_ORIGIN);
        if (request.isSSL()) {
            response.putHeader(STRICT_TRANSPORT, A_YEAR);
        }
    }
}
