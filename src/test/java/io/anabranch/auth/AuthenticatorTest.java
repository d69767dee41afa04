package io.anabranch.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final long NOW = 1_795_000_000_000L;
    private static final long EXP = 1_795_003_600L;

    private static Vertx vertx;

    @TempDir Path directory;

    @BeforeAll
    static void startVertx() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stopVertx() {
        await(vertx.close());
    }

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"RS256", "ES256", "EDDSA"})
    void verifiesTokensOfEachPublicKey(Algorithm algorithm) {
        TestKey key = TestKey.generate(algorithm);
        Authenticator authenticator = authenticator(key.options("main", directory));

        Principal alice = await(authenticator.authenticate(key.sign(claims("alice"))));

        assertThat(alice.user()).isEqualTo("alice");
        assertThat(alice.expiresAtMs()).isEqualTo(EXP * 1000);
        assertThat(refusal(authenticator, TestKey.tampered(key.sign(claims("alice")))))
                .contains("signature");
        assertThat(refusal(authenticator, TestKey.generate(algorithm).sign(claims("alice"))))
                .contains("signature");
    }

    @Test
    void verifiesAnHs256TokenThatTheJdkSigned() {
        Principal alice = await(hs256().authenticate(hmac(SECRET, "{\"alg\":\"HS256\"}", EXP)));

        assertThat(alice.user()).isEqualTo("alice");
        assertThat(alice.permissions()).isEqualTo(Permissions.NONE);
    }

    @Test
    void givesThePermissionsOfTheClaimWithTheUserInTheirPatterns() {
        String token =
                sign(
                        new JsonObject(
                                """
                                {"sub":"alice","exp":%d,"jti":"t1","anabranch":{
                                "subscribe":["chat:*","inbox:{sub}"],"publish":["chat:lobby"],
                                "presence":["chat:*"],"call":["library.*"],"admin":true,"later":1}}
                                """
                                        .formatted(EXP)));

        Principal alice = await(hs256().authenticate(token));

        assertThat(alice.jti()).isEqualTo("t1");
        assertThat(alice.permissions().maySubscribe(new ChannelPattern("inbox:alice"))).isTrue();
        assertThat(alice.permissions().maySubscribe(new ChannelPattern("inbox:bob"))).isFalse();
        assertThat(alice.permissions().mayPublish(new Channel("chat:lobby"))).isTrue();
        assertThat(alice.permissions().mayPublish(new Channel("chat:other"))).isFalse();
        assertThat(alice.permissions().mayCall("library.borrow")).isTrue();
        assertThat(alice.permissions().admin()).isTrue();
    }

    @Test
    void refusesUnsignedTokens() {
        TestKey key = TestKey.generate(Algorithm.RS256);
        Authenticator authenticator =
                authenticator(KeyOptions.hs256("main", SECRET), key.options("rsa", directory));
        String claims = "." + TestKey.encode(claims("alice").getBytes(UTF_8));

        for (String alg : List.of("none", "None", "NONE", "", "HS256", "RS256")) {
            String unsigned =
                    TestKey.encode(("{\"alg\":\"" + alg + "\"}").getBytes(UTF_8)) + claims;
            for (String end : List.of("", ".", ".AA", ".none")) {
                refusal(authenticator, unsigned + end);
            }
        }
        refusal(authenticator, TestKey.encode("{}".getBytes(UTF_8)) + claims + ".AA");
    }

    @Test
    void refusesAnHs256TokenSignedWithThePublicKeyOfAnother() {
        TestKey key = TestKey.generate(Algorithm.RS256);
        Authenticator rsaOnly = authenticator(key.options("rsa", directory));
        Authenticator both =
                authenticator(key.options("rsa", directory), KeyOptions.hs256("main", SECRET));
        String confused = hmac(key.pem(), "{\"alg\":\"HS256\",\"kid\":\"rsa\"}", EXP);

        assertThat(refusal(rsaOnly, confused)).contains("\"HS256\"");
        assertThat(refusal(both, confused)).contains("signature");
    }

    @Test
    void takesTheKidForAHintOnly() {
        String other = "another-secret-of-32-bytes-or-more";
        Authenticator authenticator =
                authenticator(KeyOptions.hs256("old", SECRET), KeyOptions.hs256("new", other));

        for (String kid : List.of("old", "new", "unknown")) {
            String header = "{\"alg\":\"HS256\",\"kid\":\"" + kid + "\"}";
            assertThat(await(authenticator.authenticate(hmac(other, header, EXP))).user())
                    .isEqualTo("alice");
            assertThat(refusal(authenticator, hmac("x".repeat(40), header, EXP)))
                    .contains("signature");
        }
    }

    @Test
    void neverTakesAKeyFromTheTokensOwnHeader() {
        TestKey key = TestKey.generate(Algorithm.RS256);
        Authenticator authenticator =
                authenticator(TestKey.generate(Algorithm.RS256).options("rsa", directory));

        refusal(
                authenticator,
                key.sign(
                        "{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\"},\"x5c\":[\"MIIB\"]}",
                        claims("alice")));
        refusal(
                authenticator,
                key.sign("{\"alg\":\"RS256\",\"jku\":\"http://127.0.0.1:1/\"}", claims("alice")));
    }

    @Test
    void saysWhenATokenHasExpired() {
        assertThat(refusal(hs256(), hmac(SECRET, "{\"alg\":\"HS256\"}", NOW / 1000)))
                .isEqualTo("token: expired at 2026-11-18T11:06:40Z");
    }

    @Test
    void acceptsATokenUntilItsLastMillisecond() {
        Authenticator justBefore =
                await(
                        Authenticator.create(
                                vertx,
                                options(KeyOptions.hs256("main", SECRET)),
                                () -> EXP * 1000 - 1));

        assertThat(await(justBefore.authenticate(hmac(SECRET, "{\"alg\":\"HS256\"}", EXP))).user())
                .isEqualTo("alice");
    }

    @Test
    void verifiesATokenThatComesAgainOnce() {
        Authenticator authenticator = hs256();
        String token = hmac(SECRET, "{\"alg\":\"HS256\"}", EXP);

        assertThat(await(authenticator.verify(token))).isSameAs(await(authenticator.verify(token)));
        refusal(authenticator, token.substring(0, token.length() - 4) + "AAAA");
    }

    @Test
    void refusesATokenThatHasExpiredSinceItWasVerified() {
        AtomicLong now = new AtomicLong(EXP * 1000 - 1);
        Authenticator authenticator =
                await(
                        Authenticator.create(
                                vertx, options(KeyOptions.hs256("main", SECRET)), now::get));
        String token = hmac(SECRET, "{\"alg\":\"HS256\"}", EXP);
        await(authenticator.authenticate(token));

        now.incrementAndGet();

        assertThat(refusal(authenticator, token)).startsWith("token: expired at");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sub\":\"alice\"}",
                "{\"sub\":\"alice\",\"exp\":null}",
                "{\"sub\":\"alice\",\"exp\":\"1795003600\"}",
                "{\"sub\":\"alice\",\"exp\":true}",
                "{\"sub\":\"alice\",\"exp\":{}}",
                "{\"sub\":\"alice\",\"exp\":-1}",
                "{\"sub\":\"alice\",\"exp\":1795003600000}",
                "{\"sub\":\"alice\",\"exp\":1e300}",
                "{\"sub\":1,\"exp\":1795003600}",
                "{\"sub\":\"\",\"exp\":1795003600}",
                "{\"sub\":[\"alice\"],\"exp\":1795003600}",
                "{\"nbf\":\"0\",\"exp\":1795003600}",
                "{\"nbf\":1795003000,\"exp\":1795003600}",
                "{\"jti\":7,\"exp\":1795003600}",
                "{\"iss\":{},\"exp\":1795003600}",
                "{\"aud\":7,\"exp\":1795003600}",
                "{\"aud\":[7],\"exp\":1795003600}",
                "{\"anabranch\":7,\"exp\":1795003600}",
                "{\"anabranch\":null,\"exp\":1795003600}",
                "{\"anabranch\":[],\"exp\":1795003600}",
                "{\"anabranch\":{\"subscribe\":\"chat:*\"},\"exp\":1795003600}",
                "{\"anabranch\":{\"subscribe\":[7]},\"exp\":1795003600}",
                "{\"anabranch\":{\"subscribe\":[null]},\"exp\":1795003600}",
                "{\"anabranch\":{\"publish\":[\"ch*t\"]},\"exp\":1795003600}",
                "{\"anabranch\":{\"publish\":[\"\"]},\"exp\":1795003600}",
                "{\"anabranch\":{\"call\":{}},\"exp\":1795003600}",
                "{\"anabranch\":{\"admin\":\"true\"},\"exp\":1795003600}",
                "[]",
                "7",
                "null",
                "{",
                ""
            })
    void refusesClaimsOfAnotherShape(String claims) {
        String token = TestKey.hs256(SECRET, "{\"alg\":\"HS256\"}", claims);

        refusal(hs256(), token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"alg\":7}",
                "{\"alg\":null}",
                "{\"typ\":\"JWT\"}",
                "{\"alg\":\"HS384\"}",
                "{\"alg\":\"hs256\"}",
                "{\"alg\":\"HS256\",\"kid\":7}",
                "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
                "[]",
                "\"HS256\""
            })
    void refusesHeadersOfAnotherShape(String header) {
        refusal(hs256(), hmac(SECRET, header, EXP));
    }

    @Test
    void refusesAnotherIssuerOrAudience() {
        Authenticator authenticator =
                await(
                        Authenticator.create(
                                vertx,
                                new AuthOptions(
                                        List.of(KeyOptions.hs256("main", SECRET)),
                                        null,
                                        new TokenRules("https://login.example", "hub", null, 0, 0),
                                        null,
                                        Grants.NONE),
                                () -> NOW));
        JsonObject right =
                new JsonObject("{\"iss\":\"https://login.example\",\"aud\":\"hub\"}")
                        .put("exp", EXP);

        await(authenticator.authenticate(sign(right)));
        await(authenticator.authenticate(sign(right.copy().put("aud", List.of("other", "hub")))));
        assertThat(refusal(authenticator, sign(right.copy().put("iss", "https://evil.example"))))
                .contains("issuer");
        assertThat(refusal(authenticator, sign(right.copy().putNull("iss")))).contains("issuer");
        assertThat(refusal(authenticator, sign(right.copy().put("aud", List.of("hub2")))))
                .contains("audience");
        assertThat(refusal(authenticator, sign(right.copy().putNull("aud")))).contains("audience");
    }

    @Test
    void doesNotMakeAWildcardOfAUserName() {
        String token =
                sign(
                        new JsonObject(
                                "{\"sub\":\"*\",\"exp\":1795003600,"
                                        + "\"anabranch\":{\"subscribe\":[\"inbox:{sub}\"]}}"));

        Principal star = await(hs256().authenticate(token));

        assertThat(star.permissions().subscribe()).isEmpty();
    }

    @Test
    void grantsAnonymousClientsWhatTheOptionsSay() {
        Authenticator authenticator =
                await(
                        Authenticator.create(
                                vertx,
                                new AuthOptions(
                                        List.of(KeyOptions.hs256("main", SECRET)),
                                        null,
                                        TokenRules.ANY,
                                        null,
                                        new Grants(
                                                List.of("demo:*", "inbox:{sub}"),
                                                List.of(),
                                                List.of(),
                                                List.of(),
                                                false))));

        assertThat(authenticator.anonymous().user()).isNull();
        assertThat(authenticator.anonymous().isExpired(Long.MAX_VALUE - 1)).isFalse();
        assertThat(authenticator.anonymous().permissions().subscribe())
                .containsExactly(new ChannelPattern("demo:*"));
    }

    @Test
    void neverRepeatsAnyPartOfTheTokenAndNeverFailsOtherwise() {
        Authenticator authenticator = hs256();
        String valid = hmac(SECRET, "{\"alg\":\"HS256\"}", EXP);
        String signature = valid.substring(valid.lastIndexOf('.') + 1);
        Random random = new Random(7);
        for (int i = 0; i < 3_000; i++) {
            StringBuilder changed = new StringBuilder(valid);
            int at = random.nextInt(valid.lastIndexOf('.'));
            switch (random.nextInt(3)) {
                case 0 -> changed.setCharAt(at, (char) random.nextInt(128));
                case 1 -> changed.deleteCharAt(at);
                default -> changed.insert(at, (char) random.nextInt(0x3000));
            }
            if (!changed.toString().equals(valid)) {
                assertThat(refusal(authenticator, changed.toString())).doesNotContain(signature);
            }
        }
        refusal(authenticator, "");
        refusal(authenticator, "x".repeat(9_000));
        refusal(authenticator, "..");
    }

    private static Authenticator hs256() {
        return authenticator(KeyOptions.hs256("main", SECRET));
    }

    private static Authenticator authenticator(KeyOptions... keys) {
        return await(Authenticator.create(vertx, options(keys), () -> NOW));
    }

    private static AuthOptions options(KeyOptions... keys) {
        return new AuthOptions(List.of(keys), null, TokenRules.ANY, null, Grants.NONE);
    }

    private static String refusal(Authenticator authenticator, String token) {
        Throwable failure = catchThrowable(() -> await(authenticator.authenticate(token)));
        assertThat(failure).as(token).isInstanceOf(Refusal.class);
        assertThat(((Refusal) failure).reason()).isEqualTo(Refusal.Reason.UNAUTHORIZED);
        return failure.getMessage();
    }

    private static String claims(String sub) {
        return "{\"sub\":\"" + sub + "\",\"exp\":" + EXP + "}";
    }

    private static String sign(JsonObject claims) {
        return TestKey.hs256(SECRET, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims.encode());
    }

    private static String hmac(String secret, String header, long exp) {
        return TestKey.hs256(secret, header, "{\"sub\":\"alice\",\"exp\":" + exp + "}");
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
