package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyVerifierTest {
    private final Vertx vertx = Vertx.vertx();

    @TempDir Path directory;

    @AfterEach
    void stopVertx() {
        Future<Void> closed = vertx.close();
        await().until(closed::isComplete);
    }

    @Test
    void findsOutThatALibraryWithoutKeysAcceptsUnsignedTokens() {
        JWTAuth withoutKeys = JWTAuth.create(vertx, new JWTAuthOptions());

        Future<Void> tested =
                new KeyVerifier("auth.keys", "main", Algorithm.HS256, withoutKeys)
                        .requireRefusesUnsigned();

        await().until(tested::isComplete);
        assertThat(tested.cause())
                .isInstanceOf(KeyException.class)
                .hasMessage("auth.keys, \"main\": accepts unsigned tokens");
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void findsNothingOfThatKindWithAKeyThatLoaded(Algorithm algorithm) {
        KeyOptions key =
                algorithm.isSymmetric()
                        ? KeyOptions.hs256("main", "0123456789abcdef0123456789abcdef")
                        : TestKey.generate(algorithm).options("main", directory);

        Future<Void> tested = KeyVerifier.load(vertx, key).requireRefusesUnsigned();

        await().until(tested::isComplete);
        assertThat(tested.succeeded()).isTrue();
    }
}
