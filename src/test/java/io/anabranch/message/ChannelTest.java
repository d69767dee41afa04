package io.anabranch.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ChannelTest {
    private static final String LEGAL =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:/@~";

    @Test
    void takesTheWholeAlphabet() {
        assertThat(new Channel(LEGAL).name()).isEqualTo(LEGAL);
    }

    @Test
    void takesNoCharacterOutsideTheAlphabet() {
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            String name = "a" + (char) c;
            if (LEGAL.indexOf(c) >= 0) {
                assertThat(new Channel(name).name()).isEqualTo(name);
            } else {
                assertThatThrownBy(() -> new Channel(name))
                        .as("U+%04X", c)
                        .isInstanceOf(Refusal.class);
            }
        }
    }

    @Test
    void isOneTo255CharactersLong() {
        assertThat(new Channel("x").name()).isEqualTo("x");
        assertThat(new Channel("x".repeat(255)).name()).hasSize(255);
        assertThatThrownBy(() -> new Channel("")).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> new Channel("x".repeat(256))).isInstanceOf(Refusal.class);
    }

    @Test
    void refusalNamesTheValueAndWhatWasExpected() {
        assertThatThrownBy(() -> new Channel("chat lobby"))
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> {
                            assertThat(refusal.status()).isEqualTo(400);
                            assertThat(refusal.code()).isEqualTo("bad_request");
                            assertThat(refusal.explanation())
                                    .contains("\"chat lobby\"")
                                    .contains("expected: 1 to 255 characters");
                        });
    }

    @Test
    void refusalRepeatsNoControlCharactersAndNoLongValues() {
        assertThatThrownBy(() -> new Channel("a\r\nb\u0000" + "c".repeat(1000)))
                .isInstanceOf(Refusal.class)
                .message()
                .doesNotContainPattern("\\p{Cntrl}")
                .hasSizeLessThan(300);
    }

    @Test
    void namespaceIsThePartBeforeTheFirstColon() {
        assertThat(new Channel("chat:lobby").namespace()).isEqualTo("chat");
        assertThat(new Channel("chat:lobby:eu").namespace()).isEqualTo("chat");
        assertThat(new Channel("chat").namespace()).isEqualTo("chat");
        assertThat(new Channel(":lobby").namespace()).isEmpty();
        assertThat(new Channel("chat:").namespace()).isEqualTo("chat");
    }
}
