package io.anabranch.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Verifies signatures with one key and its one algorithm: a {@link JWTAuth} of its own for each
 * key, since one with several tries every key that could fit. Claims are not its matter, times
 * neither.
 */
final class KeyVerifier {
    private final String source;
    private final @Nullable String id;
    private final Algorithm algorithm;
    private final JWTAuth jwtAuth;

    /**
     * @param source where it comes from, for messages
     * @param id what a token's {@code kid} may name; null for nothing
     */
    KeyVerifier(String source, @Nullable String id, Algorithm algorithm, JWTAuth jwtAuth) {
        this.source = source;
        this.id = id;
        this.algorithm = algorithm;
        this.jwtAuth = jwtAuth;
    }

    /**
     * Loads the key; blocks for its file.
     *
     * @throws KeyException when it is not usable
     */
    static KeyVerifier load(Vertx vertx, KeyOptions key) {
        Buffer material =
                key.algorithm().isSymmetric()
                        ? Buffer.buffer(Keys.secret(key))
                        : Buffer.buffer(Keys.publicKeyPem(key));
        JWTAuthOptions options =
                signaturesAlone()
                        .addPubSecKey(
                                new PubSecKeyOptions()
                                        .setAlgorithm(key.algorithm().label())
                                        .setBuffer(material));
        try {
            return new KeyVerifier(
                    "auth.keys", key.id(), key.algorithm(), JWTAuth.create(vertx, options));
        } catch (RuntimeException e) {
            throw new KeyException(
                    "auth.keys, " + key.id() + ": not usable for " + key.algorithm().label(), e);
        }
    }

    /**
     * Takes a published key. The library may leave one that it cannot read out without a word,
     * which {@link #requireRefusesUnsigned} finds.
     *
     * @throws KeyException when it is not usable
     */
    static KeyVerifier of(Vertx vertx, Jwk key) {
        JWTAuthOptions options = signaturesAlone().addJwk(key.members());
        try {
            return new KeyVerifier(
                    "auth.jwks", key.kid(), key.algorithm(), JWTAuth.create(vertx, options));
        } catch (RuntimeException e) {
            throw new KeyException(
                    Refusal.shown(key.kid()) + ": not usable for " + key.algorithm().label(), e);
        }
    }

    private static JWTAuthOptions signaturesAlone() {
        return new JWTAuthOptions().setJWTOptions(new JWTOptions().setIgnoreExpiration(true));
    }

    boolean isNamed(@Nullable String kid) {
        return id != null && id.equals(kid);
    }

    boolean isFor(String alg) {
        return algorithm.label().equals(alg);
    }

    /** Whether this key has signed the token, whose header must name this key's algorithm. */
    Future<Boolean> hasSigned(String jwt) {
        return Future.succeededFuture()
                .compose(nothing -> jwtAuth.authenticate(new TokenCredentials(jwt)))
                .transform(user -> Future.succeededFuture(user.succeeded()));
    }

    /**
     * Fails with a {@link KeyException} when an unsigned token would pass: a {@link JWTAuth} whose
     * keys did not load accepts those.
     */
    Future<Void> requireRefusesUnsigned() {
        return Future.join(unsignedTokens(algorithm).stream().map(this::hasSigned).toList())
                .compose(
                        results ->
                                results.list().contains(true)
                                        ? Future.failedFuture(
                                                new KeyException(
                                                        source
                                                                + ", "
                                                                + Refusal.shown(id)
                                                                + ": accepts unsigned tokens"))
                                        : Future.succeededFuture());
    }

    private static List<String> unsignedTokens(Algorithm algorithm) {
        String claims = "." + encode("{\"sub\":\"nobody\",\"exp\":253402300799}");
        String none = encode("{\"alg\":\"none\"}") + claims;
        String own = encode("{\"alg\":\"" + algorithm.label() + "\"}") + claims;
        return List.of(none, none + ".", none + ".AA", own, own + ".", own + ".AA");
    }

    /** For logs. */
    @Override
    public String toString() {
        return Refusal.shown(id) + " (" + algorithm.label() + ")";
    }

    private static String encode(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
    }
}
