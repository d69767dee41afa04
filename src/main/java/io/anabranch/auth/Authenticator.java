package io.anabranch.auth;

import static io.anabranch.auth.UnverifiedToken.refused;

import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells who a token stands for (protocol, section 7; RFC 7519 with the advice of RFC 8725). The
 * algorithm is the key's, never the token's choice; {@code exp} is required; {@code kid} says which
 * key to try first, and no more. Safe for use by any thread.
 */
public final class Authenticator {
    /** How far ahead an issuer's clock may be, for {@code nbf}, in ms. */
    private static final long NOT_BEFORE_LEEWAY_MS = 5_000;

    private final List<KeyVerifier> keys;
    private final @Nullable String issuer;
    private final @Nullable String audience;
    private final Principal anonymous;
    private final LongSupplier clock;

    private Authenticator(List<KeyVerifier> keys, AuthOptions options, LongSupplier clock) {
        this.keys = keys;
        this.issuer = options.issuer();
        this.audience = options.audience();
        this.anonymous = new Principal(null, options.anonymous().of(null), Principal.NEVER, null);
        this.clock = clock;
    }

    /**
     * Loads the keys, off the event loop, and tries each with unsigned tokens. Fails with a {@link
     * KeyException} when there is none, or one that is not usable.
     */
    public static Future<Authenticator> create(Vertx vertx, AuthOptions options) {
        return create(vertx, options, System::currentTimeMillis);
    }

    /**
     * @param clock milliseconds since 1970 UTC
     */
    public static Future<Authenticator> create(
            Vertx vertx, AuthOptions options, LongSupplier clock) {
        if (options.keys().isEmpty()) {
            return Future.failedFuture(
                    new KeyException("auth.keys: none (expected: at least one key)"));
        }
        return vertx.executeBlocking(() -> load(vertx, options.keys()))
                .compose(
                        keys ->
                                Future.all(
                                                keys.stream()
                                                        .map(KeyVerifier::requireRefusesUnsigned)
                                                        .toList())
                                        .map(tested -> new Authenticator(keys, options, clock)));
    }

    private static List<KeyVerifier> load(Vertx vertx, List<KeyOptions> keys) {
        return keys.stream().map(key -> KeyVerifier.load(vertx, key)).toList();
    }

    /** Somebody without a token. */
    public Principal anonymous() {
        return anonymous;
    }

    /**
     * Verifies a token. Fails with a {@link Refusal}, {@code unauthorized}, that says what was
     * wrong and never repeats the token.
     */
    public Future<Principal> authenticate(String jwt) {
        UnverifiedToken token;
        List<KeyVerifier> candidates;
        try {
            token = UnverifiedToken.parse(jwt);
            candidates = candidates(token);
        } catch (Refusal e) {
            return Future.failedFuture(e);
        }
        return firstThatSigned(jwt, candidates, 0).map(key -> principal(token));
    }

    private List<KeyVerifier> candidates(UnverifiedToken token) {
        List<KeyVerifier> candidates = new ArrayList<>();
        for (KeyVerifier key : keys) {
            if (key.isFor(token.alg())) {
                candidates.add(key);
            }
        }
        if (candidates.isEmpty()) {
            throw refused(
                    "token: signed with "
                            + Refusal.shown(token.alg())
                            + " (expected: the algorithm of a configured key)");
        }
        candidates.sort(Comparator.comparing(key -> !key.id().equals(token.kid())));
        return candidates;
    }

    private static Future<KeyVerifier> firstThatSigned(
            String jwt, List<KeyVerifier> candidates, int next) {
        if (next == candidates.size()) {
            return Future.failedFuture(refused("token: the signature is of no configured key"));
        }
        KeyVerifier key = candidates.get(next);
        return key.hasSigned(jwt)
                .compose(
                        signed ->
                                signed
                                        ? Future.succeededFuture(key)
                                        : firstThatSigned(jwt, candidates, next + 1));
    }

    private Principal principal(UnverifiedToken token) {
        requireTime(token);
        if (issuer != null && !issuer.equals(token.claim("iss"))) {
            throw refused("token: of another issuer (expected: iss " + issuer + ")");
        }
        if (audience != null && !token.isFor(audience)) {
            throw refused("token: for another audience (expected: aud " + audience + ")");
        }
        String sub = token.claim("sub");
        return new Principal(sub, permissions(token, sub), token.expiresAtMs(), token.claim("jti"));
    }

    private void requireTime(UnverifiedToken token) {
        long now = clock.getAsLong();
        if (now >= token.expiresAtMs()) {
            throw refused("token: expired at " + Instant.ofEpochMilli(token.expiresAtMs()));
        }
        if (now + NOT_BEFORE_LEEWAY_MS < token.notBeforeMs()) {
            throw refused("token: not before " + Instant.ofEpochMilli(token.notBeforeMs()));
        }
    }

    private static Permissions permissions(UnverifiedToken token, @Nullable String sub) {
        if (!token.claims().containsKey(Grants.CLAIM)) {
            return Permissions.NONE;
        }
        try {
            return Grants.fromJson(token.claims().getValue(Grants.CLAIM)).of(sub);
        } catch (Refusal e) {
            throw refused("token: " + e.explanation());
        }
    }
}
