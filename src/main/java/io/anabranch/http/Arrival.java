package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.Refusal;
import io.anabranch.metrics.Refusals;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/** Stands before all routes, so that whatever is refused behind it is counted as whose it was. */
final class Arrival implements Handler<RoutingContext> {
    /** Where a route leaves who asks, once that is known. */
    static final String PRINCIPAL = "principal";

    private static final String REFUSALS = "refusals";

    private final Refusals refusals;

    Arrival(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public void handle(RoutingContext context) {
        context.put(REFUSALS, refusals);
        context.next();
    }

    /** Counts a refusal that the request is answered with. */
    static void refused(RoutingContext context, Refusal refusal) {
        refused(context, Refusals.Of.REQUEST, refusal);
    }

    static void refused(RoutingContext context, Refusals.Of of, Refusal refusal) {
        Refusals refusals = context.get(REFUSALS);
        if (refusals != null) {
            refusals.refused(of, refusal, asker(context));
        }
    }

    private static Refusals.Asker asker(RoutingContext context) {
        HttpServerRequest request = context.request();
        Principal principal = context.get(PRINCIPAL);
        return new Refusals.Asker(
                null,
                principal == null ? null : principal.user(),
                address(request),
                request.method() + " " + Refusal.shown(request.path()));
    }

    static String address(HttpServerRequest request) {
        return request.remoteAddress().hostAddress();
    }
}
