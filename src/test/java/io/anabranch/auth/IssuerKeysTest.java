package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.testing.TestCertificate;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.CertPathBuilderException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Tokens of an issuer whose keys come from {@code auth.jwks}. */
class IssuerKeysTest {
    private static final long NEVER_MS = 3_600_000;
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    private final Vertx vertx = Vertx.vertx();
    private final JwksEndpoint issuer = new JwksEndpoint();
    private final TestKey first = TestKey.generate(Algorithm.ES256);
    private final TestKey second = TestKey.generate(Algorithm.ES256);

    @AfterEach
    void stop() {
        join(vertx.close());
        issuer.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"RS256", "ES256", "EDDSA"})
    void verifyTokensWithWhateverKidThatNamesNoOther(Algorithm algorithm) {
        TestKey key = TestKey.generate(algorithm);
        issuer.publish(first.jwk("other"), key.jwk("main"));
        Authenticator authenticator = authenticator(NEVER_MS, NEVER_MS);

        for (String kid : List.of("main", "other", "unknown")) {
            assertThat(join(authenticator.authenticate(key.token(kid))).user()).isEqualTo("alice");
            assertThat(refusal(authenticator, TestKey.generate(algorithm).token(kid)).reason())
                    .isEqualTo(Reason.UNAUTHORIZED);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"ES256", "EDDSA"})
    void areUsedWhereOneBesideThemIsBroken(Algorithm algorithm) {
        String nowhere = TestKey.encode(new byte[32]).replace("AAAA", "_7-_");
        JsonObject broken = TestKey.generate(algorithm).jwk("broken").put("x", nowhere);
        issuer.publish(broken, first.jwk("1"));
        Authenticator authenticator = authenticator(NEVER_MS, NEVER_MS);

        assertThat(join(authenticator.authenticate(first.token("1"))).user()).isEqualTo("alice");
        for (TestKey other : List.of(second, TestKey.generate(algorithm))) {
            assertThat(refusal(authenticator, other.token("broken")).reason())
                    .isEqualTo(Reason.UNAUTHORIZED);
        }
    }

    @Test
    void standBesideTheKeysOfTheConfiguration() {
        issuer.publish(first.jwk("main"));
        KeyOptions own = KeyOptions.hs256("own", SECRET);
        AuthOptions options = options(NEVER_MS, NEVER_MS, own);
        Authenticator authenticator = join(Authenticator.create(vertx, options));
        String token = new TokenIssuer(options).issue("bob", Grants.NONE, Duration.ofHours(1));

        assertThat(join(authenticator.authenticate(token)).user()).isEqualTo("bob");
        assertThat(join(authenticator.authenticate(first.token("main"))).user()).isEqualTo("alice");
    }

    @Test
    void areReadAgainOnceForManyTokensOfANewKey() {
        issuer.publish(first.jwk("1"));
        Authenticator authenticator = authenticator(NEVER_MS, 0);
        issuer.publish(second.jwk("2"));
        List<Future<Principal>> alices = new ArrayList<>();
        String token = second.token("2");

        for (int i = 0; i < 50; i++) {
            alices.add(authenticator.authenticate(token));
        }

        join(Future.all(alices));
        assertThat(issuer.reads()).isEqualTo(2);
        assertThat(refusal(authenticator, first.token("2")).reason())
                .isEqualTo(Reason.UNAUTHORIZED);
    }

    @Test
    void areNotReadAgainForMadeUpKidsWithinThePause() {
        issuer.publish(first.jwk("1"));
        Authenticator authenticator = authenticator(NEVER_MS, NEVER_MS);

        for (int i = 0; i < 50; i++) {
            refusal(authenticator, second.token("made-up-" + i));
        }

        assertThat(issuer.reads()).isEqualTo(1);
    }

    @Test
    void areNotReadAgainForKidsThatAreKnownOrAlgorithmsThatTheyCannotHave() {
        issuer.publish(first.jwk("1"));
        Authenticator authenticator = authenticator(NEVER_MS, 0);

        refusal(authenticator, second.token("1"));
        refusal(authenticator, second.sign("{\"alg\":\"ES256\"}", claims()));
        refusal(authenticator, second.sign("{\"alg\":\"HS256\",\"kid\":\"2\"}", claims()));
        refusal(authenticator, second.sign("{\"alg\":\"none\",\"kid\":\"2\"}", claims()));

        assertThat(issuer.reads()).isEqualTo(1);
    }

    @Test
    void areReadAgainFromTimeToTime() {
        issuer.publish(first.jwk("1"));
        Authenticator authenticator = authenticator(20, NEVER_MS);
        issuer.publish(second.jwk("1"));

        await().until(() -> authenticator.authenticate(second.token("1")), Future::succeeded);

        assertThat(refusal(authenticator, first.token("1")).reason())
                .isEqualTo(Reason.UNAUTHORIZED);
    }

    @Test
    void takeTheirTokensWithThemWhenTheyGo() {
        issuer.publish(first.jwk("1"));
        Authenticator authenticator = authenticator(20, NEVER_MS);
        String token = first.token("1");
        join(authenticator.authenticate(token));
        issuer.publish(second.jwk("1"));

        await().until(() -> authenticator.authenticate(token), Future::failed);

        assertThat(refusal(authenticator, token).reason()).isEqualTo(Reason.UNAUTHORIZED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500 | ",
                "302 | ",
                "404 | {\"keys\":[]}",
                "200 | ",
                "200 | <html>Sign in</html>",
                "200 | {\"keys\":[]}",
                "200 | {\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}"
            })
    void stayWhileTheIssuerGivesNoBetterOnes(int status, String body) {
        issuer.publish(first.jwk("1"));
        Authenticator authenticator = authenticator(20, 20);
        issuer.answer(status, body == null ? "" : body);
        int before = issuer.reads();

        await().until(() -> issuer.reads() > before + 3);

        join(authenticator.authenticate(first.token("1")));
        assertThat(authenticator.notReady()).isEmpty();
        issuer.publish(second.jwk("2"));
        await().until(() -> authenticator.authenticate(second.token("2")), Future::succeeded);
    }

    @Test
    void stayWhileTheIssuerGivesMoreThanTheyCanBe() {
        issuer.publish(first.jwk("1"));
        Authenticator authenticator = authenticator(20, 20);
        issuer.answer(200, second.jwk("2").encode() + " ".repeat(JwksClient.MAX_BYTES));
        int before = issuer.reads();

        await().until(() -> issuer.reads() > before + 3);

        join(authenticator.authenticate(first.token("1")));
    }

    @Test
    void areToldOfOnceWhenTheyCannotBeReadAndOnceWhenTheyCan() {
        Logger logger = (Logger) LoggerFactory.getLogger(IssuerKeys.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        try {
            issuer.answer(500, "");
            Authenticator authenticator = authenticator(20, 20);
            await().until(() -> issuer.reads() > 4);
            issuer.publish(first.jwk("1"));
            await().until(() -> authenticator.notReady().isEmpty());
            int before = issuer.reads();
            await().until(() -> issuer.reads() > before + 3);
        } finally {
            logger.setLevel(null);
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "auth.jwks: "
                                + issuer.url()
                                + ": status 500 (expected: 200); the 0 keys of before stay in use",
                        "auth.jwks: " + issuer.url() + " gave keys [\"1\" (ES256)]");
    }

    @Test
    void areWaitedForWithoutRefusingTokensForGood() {
        issuer.answer(503, "");
        Authenticator authenticator = authenticator(20, 20);

        assertThat(authenticator.notReady()).isPresent();
        assertThat(refusal(authenticator, first.token("1")).reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(refusal(authenticator, "no.token.atall").reason())
                .isEqualTo(Reason.UNAUTHORIZED);
        issuer.publish(first.jwk("1"));
        await().until(() -> authenticator.notReady().isEmpty());
        assertThat(join(authenticator.authenticate(first.token("1"))).user()).isEqualTo("alice");
    }

    @Test
    void letOthersInWhileTheyAreMissing() {
        issuer.answer(503, "");
        AuthOptions options = options(20, 20, KeyOptions.hs256("own", SECRET));
        Authenticator authenticator = join(Authenticator.create(vertx, options));
        String token = new TokenIssuer(options).issue("bob", Grants.NONE, Duration.ofHours(1));

        assertThat(authenticator.notReady()).isEmpty();
        assertThat(join(authenticator.authenticate(token)).user()).isEqualTo("bob");
        assertThat(refusal(authenticator, first.token("1")).reason()).isEqualTo(Reason.UNAVAILABLE);
    }

    @Test
    void areAskedForOnTheLoopOfWhoeverWaits() throws Exception {
        issuer.publish(first.jwk("1"));
        Authenticator authenticator = authenticator(NEVER_MS, 0);
        issuer.publish(second.jwk("2"));
        BlockingQueue<Boolean> sameLoop = new LinkedBlockingQueue<>();
        String token = second.token("2");

        for (int i = 0; i < 8; i++) {
            Context loop = vertx.getOrCreateContext();
            loop.runOnContext(
                    unused ->
                            authenticator
                                    .authenticate(token)
                                    .onComplete(
                                            done -> sameLoop.add(Vertx.currentContext() == loop)));
        }

        for (int i = 0; i < 8; i++) {
            assertThat(sameLoop.poll(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void areNotWaitedForForEver() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/jwks");
            Throwable failure = catchThrowable(() -> join(new JwksClient(vertx, url, 50).get()));
            assertThat(failure).hasMessage("no answer in 50 ms");
        }
    }

    @Test
    void areNotTakenFromWhoseCertificateNobodyTrusts(@TempDir Path directory) throws Exception {
        TestCertificate certificate = TestCertificate.create(directory);
        try (JwksEndpoint https = JwksEndpoint.showing(certificate.showing())) {
            https.publish(first.jwk("1"));
            JwksClient client = new JwksClient(vertx, https.url(), JwksClient.TIMEOUT_MS);

            Throwable failure = catchThrowable(() -> join(client.get()));

            assertThat(failure).hasRootCauseInstanceOf(CertPathBuilderException.class);
            assertThat(https.reads()).isZero();
        }
    }

    private static String claims() {
        return "{\"sub\":\"alice\",\"exp\":" + (System.currentTimeMillis() / 1000 + 60) + "}";
    }

    private Authenticator authenticator(long refreshMs, long pauseMs) {
        return join(Authenticator.create(vertx, options(refreshMs, pauseMs)));
    }

    private AuthOptions options(long refreshMs, long pauseMs, KeyOptions... keys) {
        JwksOptions jwks = new JwksOptions(issuer.url(), refreshMs, pauseMs);
        return new AuthOptions(List.of(keys), jwks, TokenRules.ANY, null, Grants.NONE);
    }

    private static Refusal refusal(Authenticator authenticator, String token) {
        Throwable failure = catchThrowable(() -> join(authenticator.authenticate(token)));
        assertThat(failure).isInstanceOf(Refusal.class).hasMessageNotContaining(token);
        return (Refusal) failure;
    }

    private static <T> T join(Future<T> future) {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
