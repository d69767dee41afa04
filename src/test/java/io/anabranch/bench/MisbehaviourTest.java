package io.anabranch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a run says of a hub that does not keep its promises. */
class MisbehaviourTest {
    private static final int READERS = 3;
    private static final long WHERE = 20;

    @Test
    void findsNothingWrongWithOneThatDoes() throws Exception {
        Report report = run((seq, frame, to) -> to.writeTextMessage(frame));

        assertThat(report.incidents()).isEmpty();
        assertThat(report.passed()).isTrue();
    }

    @Test
    void findsAMessageThatWasDropped() throws Exception {
        Report report =
                run(
                        (seq, frame, to) -> {
                            if (seq != WHERE) {
                                to.writeTextMessage(frame);
                            }
                        });

        assertThat(report.incidents()).containsOnlyKeys(Incident.LOST, Incident.BROKEN_CHAIN);
        assertThat(report.incidents().get(Incident.LOST).count()).isEqualTo(READERS);
        assertThat(report.incidents().get(Incident.BROKEN_CHAIN).count()).isEqualTo(READERS);
        assertThat(report.incidents().get(Incident.BROKEN_CHAIN).first())
                .contains("prev 20 after place 19");
        assertThat(report.passed()).isFalse();
    }

    @Test
    void findsAMessageThatCameTwice() throws Exception {
        Report report =
                run(
                        (seq, frame, to) -> {
                            to.writeTextMessage(frame);
                            if (seq == WHERE) {
                                to.writeTextMessage(frame);
                            }
                        });

        assertThat(report.incidents()).containsOnlyKeys(Incident.REPEATED);
        assertThat(report.incidents().get(Incident.REPEATED).count()).isEqualTo(READERS);
        assertThat(report.messages().deliveries())
                .isEqualTo(report.messages().accepted() * READERS);
    }

    @Test
    void findsMessagesThatChangedPlaces() throws Exception {
        Map<Object, String> held = new HashMap<>();
        Report report =
                run(
                        (seq, frame, to) -> {
                            if (seq == WHERE) {
                                held.put(to, frame);
                                return;
                            }
                            to.writeTextMessage(frame);
                            if (seq == WHERE + 1) {
                                to.writeTextMessage(held.get(to));
                            }
                        });

        assertThat(report.incidents()).containsOnlyKeys(Incident.REORDERED, Incident.BROKEN_CHAIN);
        assertThat(report.incidents().get(Incident.REORDERED).count()).isEqualTo(READERS);
    }

    @Test
    void findsDataThatIsNotAsPublished() throws Exception {
        Report report =
                run(
                        (seq, frame, to) ->
                                to.writeTextMessage(
                                        seq == WHERE ? frame.replace("\"x\":", "\"y\":") : frame));

        assertThat(report.incidents()).containsOnlyKeys(Incident.INVALID);
        assertThat(report.incidents().get(Incident.INVALID).count()).isEqualTo(READERS);
    }

    @Test
    void findsAGapThatTheHubTells() throws Exception {
        String gap = "{\"type\":\"gap\",\"channel\":\"bench:0\",\"reason\":\"overflow\"}";
        Report report = run((seq, frame, to) -> to.writeTextMessage(seq == WHERE ? gap : frame));

        assertThat(report.incidents()).containsOnlyKeys(Incident.LOST, Incident.GAP);
        assertThat(report.incidents().get(Incident.GAP).first()).contains("overflow");
    }

    @Test
    void findsConnectionsThatAreCutOff() throws Exception {
        Report report =
                run(
                        (seq, frame, to) -> {
                            if (seq < WHERE) {
                                to.writeTextMessage(frame);
                            } else if (seq == WHERE) {
                                to.close((short) 4508, "too slow");
                            }
                        });

        assertThat(report.incidents()).containsOnlyKeys(Incident.DISCONNECTED);
        assertThat(report.incidents().get(Incident.DISCONNECTED).count()).isEqualTo(READERS);
        assertThat(report.incidents().get(Incident.DISCONNECTED).first()).contains("4508");
        assertThat(report.open()).isEmpty();
        assertThat(report.passed()).isFalse();
    }

    private static Report run(MisbehavingHub.Delivery delivery) throws Exception {
        try (MisbehavingHub hub = new MisbehavingHub(delivery)) {
            return Runs.run(hub.uri(), Runs.settings(READERS, "websocket"));
        }
    }
}
