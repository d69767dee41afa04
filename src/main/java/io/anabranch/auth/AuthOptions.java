package io.anabranch.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Authenticator} needs to know.
 *
 * @param keys at least one, where there is no {@code jwks}
 * @param jwks where more keys come from; null for nowhere
 * @param cookie the name of the cookie that may carry a token; null for none
 * @param anonymous what those without a token may do
 */
public record AuthOptions(
        List<KeyOptions> keys,
        @Nullable JwksOptions jwks,
        TokenRules rules,
        @Nullable String cookie,
        Grants anonymous) {
    public AuthOptions {
        keys = List.copyOf(keys);
    }
}
