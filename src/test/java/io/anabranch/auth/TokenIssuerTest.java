package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TokenIssuerTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final long NOW = 1_795_000_000_000L;
    private static final AuthOptions OPTIONS =
            new AuthOptions(
                    List.of(KeyOptions.hs256("main", SECRET)),
                    null,
                    TokenRules.ANY,
                    null,
                    Grants.NONE);

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void signsWhatTheAuthenticatorAccepts() {
        Authenticator authenticator = Authenticator.create(vertx, OPTIONS, () -> NOW).await();
        TokenIssuer issuer = new TokenIssuer(OPTIONS, () -> NOW);
        Grants grants =
                new Grants(List.of("inbox:{sub}"), List.of("chat:*"), List.of(), List.of(), false);

        Principal bob =
                authenticator
                        .authenticate(issuer.issue("bob", grants, Duration.ofMinutes(5)))
                        .await();
        Principal nobody =
                authenticator
                        .authenticate(issuer.issue(null, grants, Duration.ofMinutes(5)))
                        .await();

        assertThat(bob.user()).isEqualTo("bob");
        assertThat(bob.expiresAtMs()).isEqualTo(NOW + 300_000);
        assertThat(bob.permissions()).isEqualTo(grants.of("bob"));
        assertThat(bob.jti()).isNotNull().isNotEqualTo(nobody.jti());
        assertThat(nobody.user()).isNull();
        assertThat(nobody.permissions().subscribe()).isEmpty();
    }
}
