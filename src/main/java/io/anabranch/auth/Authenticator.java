package io.anabranch.auth;

import static io.anabranch.auth.UnverifiedToken.refused;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells who a token stands for (protocol, section 7; RFC 7519 with the advice of RFC 8725). The
 * algorithm is the key's, never the token's choice; {@code exp} is required; {@code kid} says which
 * key to try first, and no more. Safe for use by any thread.
 */
public final class Authenticator {
    private static final Future<Boolean> SIGNED = Future.succeededFuture(true);
    private static final List<KeyVerifier> NO_KEYS = List.of();

    private final List<KeyVerifier> keys;
    private final @Nullable IssuerKeys issuerKeys;
    private final TokenRules rules;
    private final Principal anonymous;
    private final LongSupplier clock;
    private final VerifiedTokens verified = new VerifiedTokens();

    private Authenticator(
            List<KeyVerifier> keys,
            @Nullable IssuerKeys issuerKeys,
            AuthOptions options,
            LongSupplier clock) {
        this.keys = keys;
        this.issuerKeys = issuerKeys;
        this.rules = options.rules();
        this.anonymous = Principal.anonymous(options.anonymous().of(null));
        this.clock = clock;
    }

    /**
     * Loads the keys, off the event loop, and tries each with unsigned tokens. Fails with a {@link
     * KeyException} when there is none, or one that is not usable; not when those of an issuer
     * cannot be read, which is tried again until they can.
     */
    public static Future<Authenticator> create(Vertx vertx, AuthOptions options) {
        return create(vertx, options, System::currentTimeMillis);
    }

    /**
     * @param clock milliseconds since 1970 UTC
     */
    public static Future<Authenticator> create(
            Vertx vertx, AuthOptions options, LongSupplier clock) {
        JwksOptions jwks = options.jwks();
        if (options.keys().isEmpty() && jwks == null) {
            return Future.failedFuture(
                    new KeyException("auth.keys: none (expected: at least one key)"));
        }
        IssuerKeys issuerKeys = jwks == null ? null : new IssuerKeys(vertx, jwks);
        return vertx.executeBlocking(() -> load(vertx, options.keys()))
                .compose(Authenticator::tested)
                .compose(
                        keys ->
                                started(issuerKeys)
                                        .map(
                                                unused ->
                                                        new Authenticator(
                                                                keys, issuerKeys, options, clock)));
    }

    private static List<KeyVerifier> load(Vertx vertx, List<KeyOptions> keys) {
        return keys.stream().map(key -> KeyVerifier.load(vertx, key)).toList();
    }

    private static Future<List<KeyVerifier>> tested(List<KeyVerifier> keys) {
        return Future.all(keys.stream().map(KeyVerifier::requireRefusesUnsigned).toList())
                .map(unused -> keys);
    }

    private static Future<Void> started(@Nullable IssuerKeys issuerKeys) {
        return issuerKeys == null ? Future.succeededFuture() : issuerKeys.start();
    }

    /** One that refuses all tokens, where others say who somebody is. */
    public static Authenticator withoutKeys(AuthOptions options) {
        return new Authenticator(List.of(), null, options, System::currentTimeMillis);
    }

    /** Why no token can be verified now; empty when tokens can. */
    public Optional<String> notReady() {
        return keys.isEmpty() && lacksIssuerKeys()
                ? Optional.of("auth.jwks: the issuer's keys could not be read yet; see the log")
                : Optional.empty();
    }

    private boolean lacksIssuerKeys() {
        return issuerKeys != null && issuerKeys.keys().isEmpty();
    }

    /** Somebody without a token. */
    public Principal anonymous() {
        return anonymous;
    }

    /**
     * Verifies a token. Fails with a {@link Refusal} that says what was wrong and never repeats the
     * token: {@code unauthorized}, or {@code unavailable} where it may be good and the keys of its
     * issuer could not be read yet. Completes on the caller's event loop.
     */
    public Future<Principal> authenticate(String jwt) {
        return verify(jwt).map(VerifiedToken::principal);
    }

    /** The same as {@link #authenticate}, with what the token claims. */
    public Future<VerifiedToken> verify(String jwt) {
        ByteBuffer digest = VerifiedTokens.digest(jwt);
        List<KeyVerifier> known = ofIssuer();
        return verified.find(digest, known, clock.getAsLong())
                .map(Future::succeededFuture)
                .orElseGet(
                        () ->
                                verify(jwt, known)
                                        .onSuccess(token -> verified.add(digest, token, known)));
    }

    /**
     * @param known the keys of the issuer
     */
    private Future<VerifiedToken> verify(String jwt, List<KeyVerifier> known) {
        UnverifiedToken token;
        try {
            token = UnverifiedToken.parse(jwt);
            requireType(token);
        } catch (Refusal e) {
            return Future.failedFuture(e);
        }
        return anyHasSigned(jwt, candidates(known, token), 0)
                .compose(signed -> signed ? SIGNED : isSignedByOthers(jwt, token, known))
                .map(
                        signed -> {
                            requireSigned(token, signed);
                            return new VerifiedToken(principal(token), token.claims());
                        });
    }

    /** Whether keys have signed it that the issuer has published since. */
    private Future<Boolean> isSignedByOthers(
            String jwt, UnverifiedToken token, List<KeyVerifier> known) {
        if (issuerKeys == null || !IssuerKeys.mayLack(known, token)) {
            return Future.succeededFuture(false);
        }
        return issuerKeys
                .readAgain(known)
                .compose(unused -> anyHasSigned(jwt, candidates(ofIssuer(), token), 0));
    }

    private void requireType(UnverifiedToken token) {
        String type = rules.type();
        if (type != null && !token.isOfType(type)) {
            throw refused(
                    "token: of type " + Refusal.shown(token.typ()) + " (expected: " + type + ")");
        }
    }

    private List<KeyVerifier> ofIssuer() {
        return issuerKeys == null ? NO_KEYS : issuerKeys.keys();
    }

    /**
     * The keys of the token's algorithm, that of its {@code kid} first: all are trusted alike, so
     * which one has signed makes no difference.
     */
    private List<KeyVerifier> candidates(List<KeyVerifier> ofIssuer, UnverifiedToken token) {
        List<KeyVerifier> all = new ArrayList<>(keys);
        all.addAll(ofIssuer);
        return all.stream()
                .filter(key -> key.isFor(token.alg()))
                .sorted(Comparator.comparing(key -> !key.isNamed(token.kid())))
                .toList();
    }

    private static Future<Boolean> anyHasSigned(
            String jwt, List<KeyVerifier> candidates, int next) {
        if (next == candidates.size()) {
            return Future.succeededFuture(false);
        }
        return candidates
                .get(next)
                .hasSigned(jwt)
                .compose(signed -> signed ? SIGNED : anyHasSigned(jwt, candidates, next + 1));
    }

    private void requireSigned(UnverifiedToken token, boolean signed) {
        if (signed) {
            return;
        }
        if (lacksIssuerKeys() && IssuerKeys.mayLack(List.of(), token)) {
            throw new Refusal(
                    Reason.UNAVAILABLE,
                    "token: the keys of its issuer could not be read yet (expected: soon)");
        }
        throw candidates(ofIssuer(), token).isEmpty()
                ? refused(
                        "token: signed with "
                                + Refusal.shown(token.alg())
                                + " (expected: the algorithm of a configured key)")
                : refused("token: the signature is of no configured key");
    }

    private Principal principal(UnverifiedToken token) {
        requireTime(token);
        String issuer = rules.issuer();
        if (issuer != null && !issuer.equals(token.claim("iss"))) {
            throw refused("token: of another issuer (expected: iss " + issuer + ")");
        }
        String audience = rules.audience();
        if (audience != null && !token.isFor(audience)) {
            throw refused("token: for another audience (expected: aud " + audience + ")");
        }
        String sub = token.claim("sub");
        return new Principal(
                sub,
                permissions(token, sub),
                token.expiresAtMs(),
                token.issuedAtMs(),
                token.claim("jti"));
    }

    private void requireTime(UnverifiedToken token) {
        long now = clock.getAsLong();
        if (now >= token.expiresAtMs()) {
            throw refused("token: expired at " + Instant.ofEpochMilli(token.expiresAtMs()));
        }
        if (now + rules.leewayMs() < token.notBeforeMs()) {
            throw refused("token: not before " + Instant.ofEpochMilli(token.notBeforeMs()));
        }
        requireShortLife(token);
    }

    private void requireShortLife(UnverifiedToken token) {
        long most = rules.maxLifeMs();
        long life = token.expiresAtMs() - token.issuedAtMs();
        if (most > 0 && life > most) {
            throw refused(
                    "token: "
                            + (token.issuedAtMs() == 0 ? "no iat" : "good for " + life + " ms")
                            + " (expected: an iat, and exp within "
                            + most
                            + " ms of it, auth.maxTokenLife)");
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
