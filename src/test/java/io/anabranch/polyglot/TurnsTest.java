package io.anabranch.polyglot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns(1);

    @Test
    void aLateTurnIsBrokenOffByOneAtATimeUntilItEnds() {
        turns.begin();
        await().until(turns::findLate);
        assertThat(turns.findLate()).isFalse();
        turns.tried();
        assertThat(turns.findLate()).isTrue();
        turns.tried();
        turns.end();
        assertThat(turns.findLate()).isFalse();
        assertThat(turns.wereLate()).isTrue();
    }

    @Test
    void nothingIsLateBetweenTurns() {
        assertThat(turns.findLate()).isFalse();
        assertThat(turns.wereLate()).isFalse();
    }

    @Test
    void theThreadOfAnEndedTurnIsNotInterrupted() {
        turns.begin();
        await().until(turns::findLate);
        turns.interruptThread();
        turns.end();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
