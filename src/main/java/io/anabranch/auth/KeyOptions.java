package io.anabranch.auth;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One key that tokens are verified with, and with which algorithm: never another one (RFC 8725
 * §3.1).
 *
 * @param id what a token's {@code kid} may name
 * @param secret for {@link Algorithm#HS256}, at least 32 bytes of UTF-8; else null
 * @param publicKey for the others, a PEM file with {@code BEGIN PUBLIC KEY}; else null
 */
public record KeyOptions(
        String id, Algorithm algorithm, @Nullable String secret, @Nullable Path publicKey) {

    /** The least that an HS256 secret may have, in bytes (RFC 7518 §3.2). */
    public static final int MIN_SECRET_BYTES = 32;

    public static KeyOptions hs256(String id, String secret) {
        return new KeyOptions(id, Algorithm.HS256, secret, null);
    }

    public static KeyOptions ofPublicKey(String id, Algorithm algorithm, Path publicKey) {
        return new KeyOptions(id, algorithm, null, publicKey);
    }

    /** Without the secret: options end up in logs. */
    @Override
    public String toString() {
        return "KeyOptions[id=" + id + ", algorithm=" + algorithm.label() + "]";
    }
}
