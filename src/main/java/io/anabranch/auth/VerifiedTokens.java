package io.anabranch.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens that were verified last, so that one that comes with each request is verified once. Of
 * a token itself only a digest is kept. Safe for use by any thread.
 */
final class VerifiedTokens {
    static final int MOST = 1_000;

    /** By digest, the one that was asked for longest ago first. */
    private final Map<ByteBuffer, Verified> tokens = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param ofIssuer the keys of the issuer when it was verified
     */
    private record Verified(VerifiedToken token, List<KeyVerifier> ofIssuer) {}

    /** What stands for the token here; two tokens have the same one in theory alone. */
    static ByteBuffer digest(String jwt) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return ByteBuffer.wrap(digest.digest(jwt.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * A token that was verified, unless it has expired or the issuer's keys are others since.
     *
     * @param now ms since 1970 UTC
     */
    synchronized Optional<VerifiedToken> find(
            ByteBuffer digest, List<KeyVerifier> ofIssuer, long now) {
        Verified known = tokens.get(digest);
        if (known == null) {
            return Optional.empty();
        }
        if (known.ofIssuer() != ofIssuer || known.token().principal().isExpired(now)) {
            tokens.remove(digest);
            return Optional.empty();
        }
        return Optional.of(known.token());
    }

    /**
     * Remembers a token, and forgets the one that was asked for longest ago when there are too
     * many.
     *
     * @param ofIssuer the issuer's keys from before it was verified
     */
    synchronized void add(ByteBuffer digest, VerifiedToken token, List<KeyVerifier> ofIssuer) {
        tokens.put(digest, new Verified(token, ofIssuer));
        if (tokens.size() > MOST) {
            tokens.remove(tokens.keySet().iterator().next());
        }
    }
}
