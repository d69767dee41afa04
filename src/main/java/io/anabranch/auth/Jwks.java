package io.anabranch.auth;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * An issuer's set of keys (RFC 7517 §5).
 *
 * @param usable at least one
 * @param unusable why each of the others is of no use
 */
record Jwks(List<Jwk> usable, List<String> unusable) {
    /** More would let each wrong token cost more. */
    static final int MAX_KEYS = 32;

    /**
     * @throws KeyException when it is no set of keys, or has none that can be used
     */
    static Jwks parse(Buffer text) {
        JsonArray keys = keys(text);
        if (keys.size() > MAX_KEYS) {
            throw new KeyException(
                    "keys: " + keys.size() + " of them (expected: at most " + MAX_KEYS + ")");
        }
        List<Jwk> usable = new ArrayList<>();
        List<String> unusable = new ArrayList<>();
        for (Object key : keys) {
            try {
                usable.add(Jwk.parse(key));
            } catch (KeyException e) {
                unusable.add(String.valueOf(e.getMessage()));
            }
        }
        if (usable.isEmpty()) {
            throw new KeyException(
                    "keys: none that can be used (expected: at least one) " + unusable);
        }
        return new Jwks(usable, unusable);
    }

    private static JsonArray keys(Buffer text) {
        try {
            if (new JsonObject(text).getValue("keys") instanceof JsonArray keys) {
                return keys;
            }
        } catch (DecodeException | ClassCastException e) {
            // Told below, as any other text that is no set of keys.
        }
        throw new KeyException("not a set of keys (expected: {\"keys\":[…]}, RFC 7517)");
    }
}
