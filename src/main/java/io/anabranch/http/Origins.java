package io.anabranch.http;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may use the hub, whatever the transport: its own, and those of {@code
 * http.origins}, by exact comparison (RFC 6454 §5; WHATWG Fetch §3.2). All others are answered 403,
 * a WebSocket's before its upgrade (RFC 6455 §10.2). Who is no web page sends no Origin.
 */
final class Origins implements Handler<RoutingContext> {
    private static final int MAX_AGE_S = 3_600;
    private static final Set<HttpMethod> METHODS =
            Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE);
    private static final Set<String> REQUEST_HEADERS =
            Set.of("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID");
    private static final Set<String> RESPONSE_HEADERS =
            Set.of("Last-Event-ID", "Retry-After", "WWW-Authenticate");

    private final Set<String> allowed;
    private final Optional<CorsHandler> cors;

    Origins(List<String> allowed) {
        this.allowed = Set.copyOf(allowed);
        this.cors = allowed.isEmpty() ? Optional.empty() : Optional.of(cors(allowed));
    }

    private static CorsHandler cors(List<String> allowed) {
        return CorsHandler.create()
                .addOrigins(allowed)
                .allowCredentials(true)
                .allowedMethods(METHODS)
                .allowedHeaders(REQUEST_HEADERS)
                .exposedHeaders(RESPONSE_HEADERS)
                .maxAgeSeconds(MAX_AGE_S);
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        String origin = request.getHeader("Origin");
        if (cors.isPresent()) {
            context.response().putHeader("Vary", "Origin");
        }
        if (origin == null || isOwn(request, origin)) {
            context.next();
        } else if (cors.isPresent() && allowed.contains(origin)) {
            cors.get().handle(context);
        } else {
            Problem.answer(context, foreign(request, origin));
        }
    }

    /** Pages of the hub itself send their origin too, with what is not a plain GET. */
    private static boolean isOwn(HttpServerRequest request, String origin) {
        String own = own(request);
        return own != null && own.equals(origin);
    }

    private static @Nullable String own(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        return authority == null ? null : request.scheme() + "://" + authority;
    }

    private static Refusal foreign(HttpServerRequest request, String origin) {
        return new Refusal(
                Reason.FORBIDDEN,
                "Origin: "
                        + Refusal.shown(origin)
                        + " (expected: this hub's, "
                        + Refusal.shown(own(request))
                        + ", or one of http.origins)");
    }
}
