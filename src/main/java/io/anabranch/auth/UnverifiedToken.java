package io.anabranch.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A token (RFC 7519, in the compact form of RFC 7515 §7.1) of which only the shape was checked, and
 * nothing is to be believed.
 *
 * @param kid null when the header has none
 * @param typ null when the header has none
 */
record UnverifiedToken(String alg, @Nullable String kid, @Nullable String typ, JsonObject claims) {
    static final int MAX_LENGTH = 8192;

    /** The year 9999 in seconds: what is later was written in another unit. */
    private static final double LATEST = 253_402_300_799.0;

    private static final Pattern COMPACT =
            Pattern.compile("([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]+)");

    /**
     * @throws Refusal {@code unauthorized}; its text holds no part of the token but names and times
     */
    static UnverifiedToken parse(String jwt) {
        if (jwt.length() > MAX_LENGTH) {
            throw refused(
                    "token: "
                            + jwt.length()
                            + " characters (expected: at most "
                            + MAX_LENGTH
                            + ")");
        }
        var parts = COMPACT.matcher(jwt);
        if (!parts.matches()) {
            throw refused(
                    "token: not a signed JWT (expected: header.claims.signature, each base64url)");
        }
        JsonObject header = json("header", parts.group(1));
        JsonObject claims = json("claims", parts.group(2));
        requireNoCriticalExtensions(header);
        requireShape(claims);
        String alg = text(header, "alg");
        if (alg == null) {
            throw refused("token: no alg (expected: one of " + Algorithm.labels() + ")");
        }
        return new UnverifiedToken(alg, text(header, "kid"), text(header, "typ"), claims);
    }

    /** Milliseconds since 1970 UTC: when the token ends. */
    long expiresAtMs() {
        return (long) (claims.getDouble("exp") * 1000);
    }

    /** Milliseconds since 1970 UTC: from when on the token is good; 0 when it does not say. */
    long notBeforeMs() {
        Double nbf = claims.getDouble("nbf");
        return nbf == null ? 0 : (long) (nbf * 1000);
    }

    /** Milliseconds since 1970 UTC: when the token was made; 0 when it does not say. */
    long issuedAtMs() {
        Double iat = claims.getDouble("iat");
        return iat == null ? 0 : (long) (iat * 1000);
    }

    @Nullable String claim(String name) {
        return claims.getString(name);
    }

    /** RFC 7515 §4.1.9: a media type, in any case, whose {@code application/} may be left out. */
    boolean isOfType(String type) {
        return typ != null && shortType(typ).equals(shortType(type));
    }

    private static String shortType(String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        return lower.startsWith("application/") ? lower.substring("application/".length()) : lower;
    }

    boolean isFor(String audience) {
        Object aud = claims.getValue("aud");
        return aud instanceof JsonArray several ? several.contains(audience) : audience.equals(aud);
    }

    private static JsonObject json(String name, String base64Url) {
        try {
            return new JsonObject(new String(Base64.getUrlDecoder().decode(base64Url), UTF_8));
        } catch (DecodeException | IllegalArgumentException | ClassCastException e) {
            throw refused("token: the " + name + " are no JSON object in base64url");
        }
    }

    /** RFC 7515 §4.1.11: what a header calls critical and we do not know is refused. */
    private static void requireNoCriticalExtensions(JsonObject header) {
        if (header.containsKey("crit")) {
            throw refused("token: critical extensions (expected: none)");
        }
    }

    private static void requireShape(JsonObject claims) {
        if (!claims.containsKey("exp")) {
            throw refused("token: no exp (expected: seconds since 1970 UTC)");
        }
        requireTime(claims, "exp");
        for (String optional : List.of("nbf", "iat")) {
            if (claims.containsKey(optional)) {
                requireTime(claims, optional);
            }
        }
        String sub = text(claims, "sub");
        if (sub != null && sub.isEmpty()) {
            throw refused("token: sub is empty (expected: a name, or no sub)");
        }
        text(claims, "iss");
        text(claims, "jti");
        requireAudience(claims.getValue("aud"));
    }

    private static void requireTime(JsonObject claims, String name) {
        Object value = claims.getValue(name);
        if (!(value instanceof Number time)) {
            throw refused("token: " + name + " is no number (expected: seconds since 1970 UTC)");
        }
        if (!(time.doubleValue() >= 0 && time.doubleValue() <= LATEST)) {
            throw refused(
                    "token: "
                            + name
                            + " is "
                            + Refusal.shown(time)
                            + " (expected: seconds since 1970 UTC, not milliseconds)");
        }
    }

    private static void requireAudience(@Nullable Object aud) {
        boolean valid =
                aud == null
                        || aud instanceof String
                        || (aud instanceof JsonArray several
                                && several.stream().allMatch(String.class::isInstance));
        if (!valid) {
            throw refused("token: aud is neither a string nor an array of strings");
        }
    }

    private static @Nullable String text(JsonObject json, String name) {
        Object value = json.getValue(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw refused("token: " + name + " is no string");
    }

    static Refusal refused(String message) {
        return new Refusal(Reason.UNAUTHORIZED, message);
    }
}
