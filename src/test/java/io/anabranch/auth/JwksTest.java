package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwksTest {
    private static final JsonObject GOOD = TestKey.generate(Algorithm.ES256).jwk("good");

    @Test
    void bindEachKeyToTheAlgorithmOfItsType() {
        Jwks jwks =
                parse(
                        TestKey.generate(Algorithm.RS256).jwk("r").put("alg", "RS256"),
                        TestKey.generate(Algorithm.ES256).jwk("e"),
                        TestKey.generate(Algorithm.EDDSA).jwk("d").put("alg", "EdDSA"));

        assertThat(jwks.usable())
                .extracting(Jwk::algorithm)
                .containsExactly(Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA);
        assertThat(jwks.unusable()).isEmpty();
    }

    @Test
    void leaveOutWhatIsNoKeyForVerifyingSignatures() {
        JsonObject rsa = TestKey.generate(Algorithm.RS256).jwk("rsa");
        JsonObject ec = GOOD.copy();
        ec.remove("use");

        assertUnusable(rsa.copy().put("alg", "RS512"), "alg: \"RS512\" (expected: RS256");
        assertUnusable(rsa.copy().put("alg", "HS256"), "alg: \"HS256\" (expected: RS256");
        assertUnusable(rsa.copy().put("alg", "none"), "alg: \"none\"");
        assertUnusable(rsa.copy().put("use", "enc"), "use: \"enc\" (expected: sig)");
        assertUnusable(ec.copy().put("key_ops", List.of("sign")), "key_ops");
        assertUnusable(ec.copy().put("key_ops", "verify"), "key_ops");
        assertUnusable(GOOD.copy().put("kty", "RSA"), "n: \"0 bits\"");
        assertUnusable(rsa.copy().put("e", "AQ"), "e: \"no public exponent\"");
        assertUnusable(rsa.copy().put("n", "#"), "n: \"not base64url\"");
        assertUnusable(rsa.copy().put("n", 7), "n is no string");
        assertUnusable(GOOD.copy().put("x", "AAAA"), "x: \"3 bytes\" (expected: 32)");
        assertThat(parse(GOOD, ec.put("key_ops", List.of("verify"))).usable()).hasSize(2);
    }

    @Test
    void leaveOutWeakAndSymmetricKeysAndOtherCurves() {
        assertUnusable(
                TestKey.generate(Algorithm.RS256, "RSA", "1024").jwk("weak"),
                "\"weak\": n: \"1024 bits\" (expected: at least 2048)");
        assertUnusable(
                TestKey.generate(Algorithm.ES256, "EC", "secp384r1").jwk("p384"), "\"EC P-384\"");
        assertUnusable(
                TestKey.generate(Algorithm.EDDSA).jwk("x").put("crv", "Ed448"), "\"OKP Ed448\"");
        assertUnusable(
                new JsonObject().put("kty", "oct").put("k", "A".repeat(43)).put("alg", "HS256"),
                "kty: \"oct\" (expected: RSA, EC P-256 or OKP Ed25519: public keys alone)");
    }

    @Test
    void passOnNothingButThePublicKey() {
        Jwk key = parse(GOOD.copy().put("d", "private").put("x5c", "chain")).usable().get(0);

        assertThat(key.members().fieldNames()).containsOnly("kty", "crv", "x", "y", "alg");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "1",
                "<html>",
                "{}",
                "{\"keys\":{}}",
                "{\"keys\":null}",
                "{\"keys\":[]}",
                "{\"keys\":[1,null,{}]}",
                "{\"keys\":[{\"kty\":\"oct\"}]}"
            })
    void areRefusedWhenNoneCanBeUsed(String text) {
        assertThatThrownBy(() -> Jwks.parse(Buffer.buffer(text))).isInstanceOf(KeyException.class);
    }

    @Test
    void areRefusedWhenThereAreTooMany() {
        JsonObject[] keys = Collections.nCopies(33, GOOD).toArray(JsonObject[]::new);

        assertThatThrownBy(() -> parse(keys)).hasMessage("keys: 33 of them (expected: at most 32)");
    }

    private static void assertUnusable(JsonObject key, String why) {
        Jwks jwks = parse(GOOD, key);
        assertThat(jwks.usable()).extracting(Jwk::kid).containsExactly("good");
        assertThat(jwks.unusable()).singleElement().asString().contains(why);
    }

    private static Jwks parse(JsonObject... keys) {
        return Jwks.parse(new JsonObject().put("keys", JsonArray.of((Object[]) keys)).toBuffer());
    }
}
