package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenRulesTest {
    private static final long NOW_S = 1_795_000_000L;
    private static final String CLAIMS = "{\"sub\":\"alice\",\"exp\":" + (NOW_S + 60) + "}";

    private final TestKey key = TestKey.generate(Algorithm.ES256);

    @TempDir Path directory;
    private Vertx vertx;

    @BeforeEach
    void startVertx() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void stopVertx() {
        join(vertx.close());
    }

    @Test
    void refuseAnotherTypeWhereOneIsConfigured() {
        Authenticator authenticator = authenticator(new TokenRules(null, null, "at+jwt", 0, 0));

        for (String typ : List.of("at+jwt", "AT+JWT", "application/at+jwt")) {
            join(authenticator.authenticate(key.sign(header("\"" + typ + "\""), CLAIMS)));
        }
        for (String typ : List.of("JWT", "", "jwt+at", "text/at+jwt")) {
            assertThat(refusal(authenticator, key.sign(header("\"" + typ + "\""), CLAIMS)))
                    .contains("of type \"" + typ + "\" (expected: at+jwt)");
        }
        assertThat(refusal(authenticator, key.sign(header("7"), CLAIMS))).contains("no string");
        assertThat(refusal(authenticator, key.sign(CLAIMS))).contains("(expected: at+jwt)");
    }

    @Test
    void areThoseOfTheTokensThatTheHubSigns() {
        TokenRules rules = new TokenRules("login", "hub", "at+jwt", 0, 60_000);
        AuthOptions options =
                new AuthOptions(
                        List.of(KeyOptions.hs256("main", "0123456789abcdef0123456789abcdef")),
                        null,
                        rules,
                        null,
                        Grants.NONE);
        String issued = new TokenIssuer(options).issue("bob", Grants.NONE, Duration.ofHours(1));

        assertThat(join(join(Authenticator.create(vertx, options)).authenticate(issued)).user())
                .isEqualTo("bob");
    }

    @Test
    void allowForAClockThatIsAheadAndNeverForOneThatIsBehind() {
        Authenticator exact = authenticator(leeway(0));
        Authenticator lenient = authenticator(leeway(60_000));

        join(exact.authenticate(notBefore(NOW_S)));
        assertThat(refusal(exact, notBefore(NOW_S + 1))).contains("not before");
        join(lenient.authenticate(notBefore(NOW_S + 60)));
        assertThat(refusal(lenient, notBefore(NOW_S + 61))).contains("not before");
        assertThat(refusal(lenient, key.sign("{\"exp\":" + NOW_S + "}"))).contains("expired");
    }

    @Test
    void boundHowLongATokenMayBeGood() {
        Authenticator authenticator = authenticator(new TokenRules(null, null, null, 0, 60_000));

        join(authenticator.authenticate(key.sign(issuedAt(NOW_S).encode())));
        assertThat(refusal(authenticator, key.sign(issuedAt(NOW_S - 1).encode())))
                .contains("good for 61000 ms (expected: an iat, and exp within 60000 ms of it");
        assertThat(refusal(authenticator, key.sign(CLAIMS))).contains("no iat (expected: an iat");
        assertThat(refusal(authenticator, key.sign(issuedAt(NOW_S).put("iat", "1").encode())))
                .contains("iat is no number");
    }

    private static JsonObject issuedAt(long seconds) {
        return new JsonObject(CLAIMS).put("iat", seconds);
    }

    private String notBefore(long seconds) {
        return key.sign(new JsonObject(CLAIMS).put("nbf", seconds).encode());
    }

    private static String header(String typ) {
        return "{\"alg\":\"ES256\",\"typ\":" + typ + "}";
    }

    private static TokenRules leeway(long ms) {
        return new TokenRules(null, null, null, ms, 0);
    }

    private Authenticator authenticator(TokenRules rules) {
        List<KeyOptions> keys = List.of(key.options("main", directory));
        AuthOptions options = new AuthOptions(keys, null, rules, null, Grants.NONE);
        return join(Authenticator.create(vertx, options, () -> NOW_S * 1000));
    }

    private static String refusal(Authenticator authenticator, String token) {
        Throwable failure = catchThrowable(() -> join(authenticator.authenticate(token)));
        assertThat(failure).isInstanceOf(Refusal.class);
        return failure.getMessage();
    }

    private static <T> T join(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
