package io.anabranch.auth;

import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A public key as its issuer publishes it (RFC 7517, RFC 7518 §6, RFC 8037 §2), bound to the one
 * algorithm that its type is good for. What is no key for verifying signatures is refused.
 *
 * @param kid null when it has none
 * @param members those of the public key and {@code alg}, and no others
 */
record Jwk(@Nullable String kid, Algorithm algorithm, JsonObject members) {
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 16_384;
    private static final int MAX_EXPONENT_BITS = 64;
    private static final int COORDINATE_BYTES = 32;

    /**
     * @throws KeyException that names the key and says why it is of no use
     */
    static Jwk parse(Object value) {
        if (!(value instanceof JsonObject json)) {
            throw new KeyException("not an object");
        }
        String kid = text(json, "kid");
        try {
            requireForSignatures(json);
            JsonObject members = members(json);
            Algorithm algorithm = Algorithm.ofLabel(members.getString("alg")).orElseThrow();
            String alg = text(json, "alg");
            if (alg != null && !alg.equals(algorithm.label())) {
                throw bad("alg", alg, algorithm.label() + ", as its type is");
            }
            return new Jwk(kid, algorithm, members);
        } catch (KeyException e) {
            throw new KeyException(Refusal.shown(kid) + ": " + e.getMessage(), e);
        }
    }

    private static void requireForSignatures(JsonObject json) {
        String use = text(json, "use");
        if (use != null && !use.equals("sig")) {
            throw bad("use", use, "sig");
        }
        Object operations = json.getValue("key_ops");
        boolean verifies =
                operations == null
                        || operations instanceof JsonArray array && array.contains("verify");
        if (!verifies) {
            throw bad("key_ops", operations, "verify among them");
        }
    }

    /** A new object, so that nothing else that was sent reaches the library. */
    private static JsonObject members(JsonObject json) {
        String kty = text(json, "kty");
        String crv = text(json, "crv");
        JsonObject members = new JsonObject().put("kty", kty);
        if ("RSA".equals(kty)) {
            return members.put("alg", Algorithm.RS256.label())
                    .put("n", modulus(json))
                    .put("e", exponent(json));
        }
        if ("EC".equals(kty) && "P-256".equals(crv)) {
            return members.put("alg", Algorithm.ES256.label())
                    .put("crv", crv)
                    .put("x", coordinate(json, "x"))
                    .put("y", coordinate(json, "y"));
        }
        if ("OKP".equals(kty) && "Ed25519".equals(crv)) {
            return members.put("alg", Algorithm.EDDSA.label())
                    .put("crv", crv)
                    .put("x", coordinate(json, "x"));
        }
        throw bad(
                "kty",
                crv == null ? kty : kty + " " + crv,
                "RSA, EC P-256 or OKP Ed25519: public keys alone");
    }

    private static String modulus(JsonObject json) {
        int bits = number(json, "n").bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw bad("n", bits + " bits", "at least " + MIN_RSA_BITS);
        }
        return json.getString("n");
    }

    private static String exponent(JsonObject json) {
        BigInteger e = number(json, "e");
        if (e.compareTo(BigInteger.TWO) <= 0
                || !e.testBit(0)
                || e.bitLength() > MAX_EXPONENT_BITS) {
            throw bad("e", "no public exponent", "an odd number from 3 on, such as AQAB");
        }
        return json.getString("e");
    }

    private static BigInteger number(JsonObject json, String name) {
        return new BigInteger(1, bytes(json, name));
    }

    private static String coordinate(JsonObject json, String name) {
        int length = bytes(json, name).length;
        if (length != COORDINATE_BYTES) {
            throw bad(name, length + " bytes", "" + COORDINATE_BYTES);
        }
        return json.getString(name);
    }

    private static byte[] bytes(JsonObject json, String name) {
        try {
            return Base64.getUrlDecoder().decode(Objects.requireNonNullElse(text(json, name), ""));
        } catch (IllegalArgumentException e) {
            throw bad(name, "not base64url", "base64url, RFC 7518 §6");
        }
    }

    private static @Nullable String text(JsonObject json, String name) {
        Object value = json.getValue(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw new KeyException(name + " is no string");
    }

    private static KeyException bad(String name, @Nullable Object value, String expected) {
        return new KeyException(
                name + ": " + Refusal.shown(value) + " (expected: " + expected + ")");
    }
}
