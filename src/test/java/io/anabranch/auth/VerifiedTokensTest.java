package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerifiedTokensTest {
    private static final long NOW = 1_000;
    private static final List<KeyVerifier> KEYS = List.of();

    private final VerifiedTokens tokens = new VerifiedTokens();

    @Test
    void forgetWhatWasAskedForLongestAgoWhenTheyAreTooMany() {
        for (int i = 0; i < VerifiedTokens.MOST; i++) {
            tokens.add(digest(i), token(i), KEYS);
        }
        assertThat(find(0)).contains(token(0));

        tokens.add(digest(-1), token(-1), KEYS);

        assertThat(find(0)).contains(token(0));
        assertThat(find(1)).isEmpty();
        assertThat(find(2)).contains(token(2));
        assertThat(find(-1)).contains(token(-1));
    }

    @Test
    void tellTokensApartThatDifferInOneCharacter() {
        tokens.add(VerifiedTokens.digest("header.claims.A"), token(1), KEYS);

        assertThat(tokens.find(VerifiedTokens.digest("header.claims.B"), KEYS, NOW)).isEmpty();
    }

    private Optional<VerifiedToken> find(int number) {
        return tokens.find(digest(number), KEYS, NOW);
    }

    private static ByteBuffer digest(int number) {
        return VerifiedTokens.digest("token " + number);
    }

    private static VerifiedToken token(int number) {
        Principal principal =
                new Principal("user " + number, Permissions.NONE, NOW + 1, NOW - 1, null);
        return new VerifiedToken(principal, new JsonObject());
    }
}
