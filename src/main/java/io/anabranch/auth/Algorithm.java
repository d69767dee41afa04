package io.anabranch.auth;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a token may be signed (RFC 7518 §3.1, RFC 8037 §3.1). {@code none} is not among them. */
public enum Algorithm {
    HS256("HS256"),
    RS256("RS256"),
    ES256("ES256"),
    EDDSA("EdDSA");

    private final String label;

    Algorithm(String label) {
        this.label = label;
    }

    /** The name in a token's header, {@code alg}. */
    public String label() {
        return label;
    }

    /** Whether one secret both signs and verifies. */
    public boolean isSymmetric() {
        return this == HS256;
    }

    /** The algorithm of that name, in exactly that spelling. */
    public static Optional<Algorithm> ofLabel(String label) {
        return Arrays.stream(values()).filter(a -> a.label.equals(label)).findFirst();
    }

    /** All names, for a message: {@code HS256, RS256, ES256, EdDSA}. */
    public static String labels() {
        return Arrays.stream(values()).map(Algorithm::label).collect(Collectors.joining(", "));
    }
}
