package io.anabranch.auth;

import org.jspecify.annotations.Nullable;

/**
 * What a token must be beside well signed and not expired (RFC 8725 §3.8 to §3.11).
 *
 * @param issuer what {@code iss} must be; null when any or none will do
 * @param audience what {@code aud} must be or hold; null when any or none will do
 * @param type what the header's {@code typ} must be, such as {@code at+jwt}; null when any will do
 * @param leewayMs how far ahead an issuer's clock may be, for {@code nbf}, in ms. There is none for
 *     {@code exp}: connections end with their token
 * @param maxLifeMs how long after {@code iat}, which is then required, a token may be good, in ms;
 *     0 for any time
 */
public record TokenRules(
        @Nullable String issuer,
        @Nullable String audience,
        @Nullable String type,
        long leewayMs,
        long maxLifeMs) {
    public static final long DEFAULT_LEEWAY_MS = 5_000;

    /** Any issuer, audience and type. */
    public static final TokenRules ANY = new TokenRules(null, null, null, DEFAULT_LEEWAY_MS, 0);
}
