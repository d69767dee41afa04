package io.anabranch.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageIdTest {
    @Test
    void readsBackWhatItWrote() {
        for (int seed = 0; seed < 10_000; seed++) {
            MessageId id = random(new Random(seed));
            assertThat(MessageId.parse("after", id.toString())).as("seed %d", seed).isEqualTo(id);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"k4x9-0", "k4x9-1042", "abcdefgh-1", "00000000-999999999999999999"})
    void readsEachFormOfTheGrammar(String text) {
        assertThat(MessageId.parse("after", text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "k4x9",
                "k4x9-",
                "-1042",
                "k4x-1",
                "abcdefghi-1",
                "K4X9-1",
                "k4x9-01",
                "k4x9-00",
                "k4x9--1",
                "k4x9-+1",
                "k4x9-1.0",
                "k4x9-1a",
                "k4x9-0x1",
                " k4x9-1",
                "k4x9-1 ",
                "k4x9-1\n",
                "k4x9-1\u0000",
                "k4x9_1",
                "k4x9-1-2",
                "k4x9-\u0661",
                "k4xé-1",
                "k4x9-1000000000000000000",
                "k4x9-9223372036854775808",
                "earliest"
            })
    void refusesAnyOtherShape(String text) {
        assertThatThrownBy(() -> MessageId.parse("after", text))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("after: ")
                .hasMessageContaining("expected:");
    }

    @Test
    void keepsTheEpochAtAnotherPlace() {
        assertThat(new MessageId("k4x9", 7).at(9)).isEqualTo(new MessageId("k4x9", 9));
    }

    @Test
    void needsNoEscapeInAHeader() {
        for (int seed = 0; seed < 1_000; seed++) {
            assertThat(random(new Random(seed)).toString()).matches("[a-z0-9-]{6,27}");
        }
    }

    private static MessageId random(Random random) {
        String alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
        StringBuilder epoch = new StringBuilder();
        for (int i = 4 + random.nextInt(5); i > 0; i--) {
            epoch.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        long limit = (long) Math.pow(10, 1 + random.nextInt(18));
        return new MessageId(epoch.toString(), Math.floorMod(random.nextLong(), limit));
    }
}
