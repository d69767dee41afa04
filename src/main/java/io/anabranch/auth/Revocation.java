package io.anabranch.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Tokens that count no more, although they are well signed and have not expired.
 *
 * @param issuedBeforeMs only those whose {@code iat} is before this, in ms since 1970 UTC, and
 *     those without one; {@link #ALL} for all
 * @param sinceMs when it was made, in ms since 1970 UTC
 * @param untilMs when it ends, in ms since 1970 UTC; {@link #UNTIL_LIFTED} for not by itself
 */
public record Revocation(Target target, long issuedBeforeMs, long sinceMs, long untilMs) {
    public static final long ALL = Long.MAX_VALUE;
    public static final long UNTIL_LIFTED = Long.MAX_VALUE;

    /** The claim by which tokens are named. */
    public enum Claim {
        /** All tokens of a user. */
        SUB,
        /** One token. */
        JTI;

        /** As a token has it: {@code sub}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Which tokens, by the value of one of their claims. */
    public record Target(Claim claim, String value) {
        /** Reads an {@link #id()}; empty for what is none. */
        public static Optional<Target> parse(String id) {
            int colon = id.indexOf(':');
            return Arrays.stream(Claim.values())
                    .filter(claim -> colon > 0 && claim.label().equals(id.substring(0, colon)))
                    .map(claim -> new Target(claim, id.substring(colon + 1)))
                    .findFirst();
        }

        /** {@code sub:alice}: unique among revocations. */
        public String id() {
            return claim.label() + ":" + value;
        }
    }

    public boolean concerns(Principal principal) {
        String value = target.claim() == Claim.SUB ? principal.user() : principal.jti();
        return target.value().equals(value) && principal.issuedAtMs() < issuedBeforeMs;
    }

    /**
     * @param now ms since 1970 UTC
     */
    public boolean hasEnded(long now) {
        return now >= untilMs;
    }

    /** What a repetition comes to: it never takes back what {@code earlier} revoked. */
    public Revocation over(Revocation earlier) {
        return new Revocation(
                target,
                Math.max(issuedBeforeMs, earlier.issuedBeforeMs),
                sinceMs,
                Math.max(untilMs, earlier.untilMs));
    }
}
