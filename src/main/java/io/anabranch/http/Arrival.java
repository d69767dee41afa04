package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.Refusal;
import io.anabranch.metrics.Refusals;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/** Stands before all routes, so that whatever is refused behind it is counted as whose it was. */
final class Arrival implements Handler<RoutingContext> {
    /** Where a route leaves who asks, once that is known. */
    static final String PRINCIPAL = "anabranch.principal";

    private static final String REFUSALS = "anabranch.refusals";
    private static final String ADDRESS = "anabranch.address";

    private final Refusals refusals;
    private final Addresses addresses;

    Arrival(Refusals refusals, Addresses addresses) {
        this.refusals = refusals;
        this.addresses = addresses;
    }

    @Override
    public void handle(RoutingContext context) {
        context.put(REFUSALS, refusals);
        context.put(ADDRESS, addresses.of(context.request()));
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
                address(context),
                request.method() + " " + Refusal.shown(request.path()));
    }

    /** The client's, as far as it is known: see {@link Addresses}. */
    static String address(RoutingContext context) {
        return Objects.requireNonNull(context.<String>get(ADDRESS));
    }
}
