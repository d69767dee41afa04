package io.anabranch.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Where the REST interface is in its router, which may be mounted below any path of another one.
 *
 * @param base {@code /api/v1}, or empty
 */
record RestPath(String base) {
    String of(String path) {
        return base + path;
    }

    /**
     * A route whose path has a name in it, which may have slashes. For a group with a name the
     * router decodes the whole URL, and refuses one that cannot be.
     */
    Route route(Router router, HttpMethod method, String before, String name, String after) {
        String path = base + before + "(?<" + name + ">.+)" + after;
        return router.routeWithRegex(method, path.replace("/", "\\/"))
                .setName(base + before + "{" + name + "}" + after);
    }

    /**
     * The name in the path as it was sent. The router's own path parameter comes from a path whose
     * empty and dot segments are gone: {@code a//b} would be {@code a/b}, another channel.
     */
    String name(RoutingContext context, String before, String after) {
        String path = context.request().path();
        String prefix = mountPoint(context) + base + before;
        int end = path.length() - after.length();
        if (!path.startsWith(prefix) || !path.endsWith(after) || end <= prefix.length()) {
            throw Problem.ofStatus(404);
        }
        String sent = path.substring(prefix.length(), end).replace("+", "%2B");
        return URLDecoder.decode(sent, StandardCharsets.UTF_8);
    }

    /** Without a slash at its end; empty for a router that is nobody's part. */
    private static String mountPoint(RoutingContext context) {
        String mountPoint = context.mountPoint();
        if (mountPoint == null) {
            return "";
        }
        return mountPoint.endsWith("/")
                ? mountPoint.substring(0, mountPoint.length() - 1)
                : mountPoint;
    }
}
