package io.anabranch.http;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cookie that may carry a token ({@code auth.cookie}). A browser sends it along whichever page
 * asks, so what comes with it must say that a page which may has asked: by {@code Origin}, which
 * {@link Origins} compared, or for what changes nothing by {@code Sec-Fetch-Site}.
 */
final class TokenCookie {
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private final @Nullable String name;

    /**
     * @param name null for no cookie
     */
    TokenCookie(@Nullable String name) {
        this.name = name;
    }

    /**
     * The token in the cookie; empty when there is none.
     *
     * @throws Refusal {@code forbidden} when nothing says that a page which may has asked; {@code
     *     bad_request} for several cookies of that name, of which one may be planted
     */
    Optional<String> token(HttpServerRequest request) {
        List<String> values = values(request);
        if (values.isEmpty()) {
            return Optional.empty();
        }
        requireOwnPage(request);
        if (values.size() > 1) {
            throw Refusal.badRequest(
                    "Cookie: " + values.size() + " of the name " + name + " (expected: one)");
        }
        return Optional.of(values.get(0));
    }

    /** The framework's own list has one cookie a name, whichever it was. */
    private List<String> values(HttpServerRequest request) {
        if (name == null) {
            return List.of();
        }
        return request.headers().getAll(HttpHeaders.COOKIE).stream()
                .flatMap(header -> ServerCookieDecoder.STRICT.decodeAll(header).stream())
                .filter(cookie -> cookie.name().equals(name))
                .map(Cookie::value)
                .filter(value -> !value.isEmpty())
                .toList();
    }

    /**
     * @throws Refusal {@code forbidden} when nothing says that a page which may has asked
     */
    static void requireOwnPage(HttpServerRequest request) {
        if (request.getHeader(HttpHeaders.ORIGIN) != null) {
            return;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (!changesNothing(request)) {
            throw forbidden("Origin: missing (expected: one, as a cookie says who asks)");
        }
        // Who sends neither, an old browser, is let look: no other page can read the answer.
        if (site != null && !OWN_SITES.contains(site)) {
            throw forbidden(
                    "Sec-Fetch-Site: "
                            + Refusal.shown(site)
                            + " (expected: same-origin, or an Origin, as the token is in a"
                            + " cookie)");
        }
    }

    private static boolean changesNothing(HttpServerRequest request) {
        boolean reads =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        return reads && request.getHeader(HttpHeaders.UPGRADE) == null;
    }

    private static Refusal forbidden(String message) {
        return new Refusal(Reason.FORBIDDEN, message);
    }
}
