package io.anabranch.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
    @Test
    void isAnId() {
        assertThat(Cursor.parse("after", "k4x9-1042"))
                .isEqualTo(new Cursor.After(new MessageId("k4x9", 1042)));
    }

    @Test
    void isTheEarliest() {
        assertThat(Cursor.parse("after", "earliest")).isEqualTo(new Cursor.Earliest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "latest", "Earliest", "earliest ", "0", "k4x9", "null"})
    void isNothingElse(String text) {
        assertThatThrownBy(() -> Cursor.parse("lastEventId", text))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("lastEventId: ");
    }
}
