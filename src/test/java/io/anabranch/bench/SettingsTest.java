package io.anabranch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.message.Refusal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @Test
    void mixesTransportsByWeight() {
        TransportMix mix = TransportMix.parse("websocket=70,sse=30");
        SplittableRandom random = new SplittableRandom(1);
        int webSockets = 0;
        for (int i = 0; i < 10_000; i++) {
            webSockets += mix.next(random) == Transport.WEBSOCKET ? 1 : 0;
        }

        assertThat(webSockets).isBetween(6_700, 7_300);
        assertThat(mix).hasToString("websocket=70,sse=30");
        assertThat(TransportMix.parse("sse")).hasToString("sse");
        assertThat(TransportMix.parse("sse").next(random)).isEqualTo(Transport.SSE);
        assertThat(TransportMix.parse("mix")).hasToString("websocket=1,sse=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "tcp", "sse=", "sse=x", "sse=1=2", "sse,sse", "sse=0", "sse=99999999"})
    void refusesMixesThatAreNone(String text) {
        assertThatThrownBy(() -> TransportMix.parse(text))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("--transport", "expected:");
    }

    @Test
    void saysWhichValueIsOutOfRange() {
        assertThatThrownBy(() -> Runs.settings(0, "sse"))
                .isInstanceOf(Refusal.class)
                .hasMessage("--connections: \"0\" (expected: 1 to 1000000)");
        assertThatThrownBy(
                        () -> Runs.settings(1, "sse", 10_000, false, 0, 10_000, PublishMode.REST))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("--publishers times --channels");
    }
}
