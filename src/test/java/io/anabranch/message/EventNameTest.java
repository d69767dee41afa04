package io.anabranch.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventNameTest {
    @Test
    void isMessageWhenNothingWasSaid() {
        assertThat(EventName.check("")).isEqualTo("message");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"message", "hub", "hubs.ready", "Hub.x", "größe", "a b", "\uD83D\uDE00"})
    void isKeptAsGiven(String event) {
        assertThat(EventName.check(event)).isEqualTo(event);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub.", "hub.ready", "hub.gap", "hub.anything"})
    void leavesTheHubItsOwnNames(String event) {
        assertThatThrownBy(() -> EventName.check(event)).isInstanceOf(Refusal.class);
    }

    @Test
    void hasNoControlCharacters() {
        for (char c = 0; c < 0xA0; c++) {
            String event = "a" + c + "b";
            if (c < 0x20 || c >= 0x7F) {
                assertThatThrownBy(() -> EventName.check(event))
                        .as("U+%04X", (int) c)
                        .isInstanceOf(Refusal.class);
            } else {
                assertThat(EventName.check(event)).isEqualTo(event);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u2028b", "a\u2029", "\r", "a\nid: k4x9-1"})
    void hasNoLineBreaks(String event) {
        assertThatThrownBy(() -> EventName.check(event)).isInstanceOf(Refusal.class);
    }

    @Test
    void hasNoHalfCharacters() {
        for (String event : new String[] {"\uD83D", "a\uDE00", "\uDE00\uD83D", "\uD83Dx"}) {
            assertThatThrownBy(() -> EventName.check(event)).isInstanceOf(Refusal.class);
        }
    }

    @Test
    void isAtMost255CharactersLong() {
        assertThat(EventName.check("e".repeat(255))).hasSize(255);
        assertThatThrownBy(() -> EventName.check("e".repeat(256))).isInstanceOf(Refusal.class);
    }
}
