package io.anabranch.bench;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * The hub that a run is made against.
 *
 * @param base {@code http} or {@code https}, without a slash at the end
 * @param token asked for each connection
 */
public record Target(URI base, Supplier<String> token) {
    boolean tls() {
        return "https".equalsIgnoreCase(base.getScheme());
    }

    /** Without the brackets of an IPv6 address. */
    String host() {
        return base.getHost().replaceAll("[\\[\\]]", "");
    }

    int port() {
        return base.getPort() >= 0 ? base.getPort() : tls() ? 443 : 80;
    }

    /** A path below the hub's. */
    String path(String path) {
        return base.getRawPath() + path;
    }

    String bearer() {
        return "Bearer " + token.get();
    }

    /** A value as one segment of a path, or one value of a query. */
    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
