package io.anabranch.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Signs tokens with an HS256 key: for the command line, the development banner and tests. */
public final class TokenIssuer {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final int JTI_BYTES = 12;

    private final String keyId;
    private final SecretKeySpec key;
    private final TokenRules rules;
    private final LongSupplier clock;
    private final SecureRandom random = new SecureRandom();

    /**
     * @throws KeyException when {@code options} hold no HS256 key
     */
    public TokenIssuer(AuthOptions options) {
        this(options, System::currentTimeMillis);
    }

    /**
     * @param clock milliseconds since 1970 UTC
     * @throws KeyException when {@code options} hold no HS256 key
     */
    public TokenIssuer(AuthOptions options, LongSupplier clock) {
        KeyOptions hs256 =
                options.keys().stream()
                        .filter(candidate -> candidate.algorithm() == Algorithm.HS256)
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new KeyException(
                                                "auth.keys: no HS256 key to sign with (expected:"
                                                        + " one; other tokens are made by whoever"
                                                        + " has the private key)"));
        this.keyId = hs256.id();
        this.key = new SecretKeySpec(Keys.secret(hs256), "HmacSHA256");
        this.rules = options.rules();
        this.clock = clock;
    }

    /**
     * Signs a token.
     *
     * @param sub the user; null for a token without one
     * @param ttl how long it is good, from now; no longer than the rules allow
     */
    public String issue(@Nullable String sub, Grants grants, Duration ttl) {
        long now = clock.getAsLong() / 1000;
        long mostS = rules.maxLifeMs() == 0 ? Long.MAX_VALUE : rules.maxLifeMs() / 1000;
        JsonObject claims = new JsonObject();
        putUnlessNull(claims, "sub", sub);
        putUnlessNull(claims, "iss", rules.issuer());
        putUnlessNull(claims, "aud", rules.audience());
        claims.put("iat", now)
                .put("exp", now + Math.min(mostS, ttl.toSeconds()))
                .put("jti", randomId())
                .put(Grants.CLAIM, grants.toJson());
        return sign(claims);
    }

    /** Signs any claims as they are: tests make what no issuer should. */
    String sign(JsonObject claims) {
        JsonObject header =
                new JsonObject()
                        .put("alg", Algorithm.HS256.label())
                        .put("typ", Objects.requireNonNullElse(rules.type(), "JWT"))
                        .put("kid", keyId);
        String signed = encode(header) + "." + encode(claims);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return signed + "." + BASE64.encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new KeyException("HS256: " + e.getMessage(), e);
        }
    }

    private String randomId() {
        byte[] bytes = new byte[JTI_BYTES];
        random.nextBytes(bytes);
        return BASE64.encodeToString(bytes);
    }

    private static String encode(JsonObject json) {
        return BASE64.encodeToString(json.encode().getBytes(UTF_8));
    }

    private static void putUnlessNull(JsonObject claims, String name, @Nullable String value) {
        if (value != null) {
            claims.put(name, value);
        }
    }
}
