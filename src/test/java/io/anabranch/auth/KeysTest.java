package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    private final Vertx vertx = Vertx.vertx();

    @TempDir Path directory;

    @AfterEach
    void stopVertx() {
        Future<Void> closed = vertx.close();
        await().until(closed::isComplete);
    }

    @Test
    void doesNotStartWithoutAUsableKey() throws IOException {
        assertThat(startFailure()).contains("auth.keys: none");
        assertThat(startFailure(KeyOptions.hs256("main", SECRET.substring(1))))
                .contains("main (HS256): a secret of 31 bytes (expected: at least 32");
        assertThat(startFailure(new KeyOptions("main", Algorithm.HS256, null, null)))
                .contains("no secret");
        assertThat(startFailure(new KeyOptions("main", Algorithm.RS256, SECRET, null)))
                .contains("no publicKey");
        assertThat(startFailure(publicKey(Algorithm.ES256, directory.resolve("absent.pem"))))
                .contains("absent.pem cannot be read");
        Path noPem = Files.writeString(directory.resolve("no.pem"), "hello");
        assertThat(startFailure(publicKey(Algorithm.RS256, noPem))).contains("BEGIN PUBLIC KEY");
        Path broken =
                Files.writeString(
                        directory.resolve("broken.pem"),
                        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
        assertThat(startFailure(publicKey(Algorithm.EDDSA, broken))).contains("Ed25519");
    }

    @Test
    void doesNotStartWithAKeyOfAnotherKindOrAWeakOne() {
        assertThat(startFailure(weak("RSA", "1024", Algorithm.RS256))).contains("2048 bits");
        assertThat(startFailure(weak("EC", "secp384r1", Algorithm.ES256))).contains("P-256");
        assertThat(startFailure(weak("Ed448", "", Algorithm.EDDSA))).contains("Ed25519");
        assertThat(startFailure(weak("EC", "secp256r1", Algorithm.RS256))).contains("RSA");
        assertThat(startFailure(weak("RSA", "2048", Algorithm.ES256))).contains("EC key");
    }

    @Test
    void areNotShownByTheOptionsThatHoldThem() {
        assertThat(KeyOptions.hs256("main", SECRET).toString()).doesNotContain(SECRET);
    }

    private KeyOptions weak(String type, String size, Algorithm algorithm) {
        Path file = directory.resolve(type + size + algorithm + ".pem");
        return publicKey(algorithm, TestKey.generate(algorithm, type, size).write(file));
    }

    private static KeyOptions publicKey(Algorithm algorithm, Path file) {
        return KeyOptions.ofPublicKey("main", algorithm, file);
    }

    private String startFailure(KeyOptions... keys) {
        AuthOptions options =
                new AuthOptions(List.of(keys), null, TokenRules.ANY, null, Grants.NONE);
        Future<Authenticator> created = Authenticator.create(vertx, options);
        await().until(created::isComplete);
        Throwable failure = created.cause();
        assertThat(failure).isInstanceOf(KeyException.class).hasMessageNotContaining(SECRET);
        return failure.getMessage();
    }
}
