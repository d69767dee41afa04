package io.anabranch.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Authenticator} needs to know.
 *
 * @param keys at least one
 * @param issuer what a token's {@code iss} must be; null when any or none will do
 * @param audience what a token's {@code aud} must be or hold; null when any or none will do
 * @param anonymous what those without a token may do
 */
public record AuthOptions(
        List<KeyOptions> keys,
        @Nullable String issuer,
        @Nullable String audience,
        Grants anonymous) {
    public AuthOptions {
        keys = List.copyOf(keys);
    }
}
