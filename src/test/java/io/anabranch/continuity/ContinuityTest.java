package io.anabranch.continuity;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.ChildProcess;
import io.anabranch.testing.Report;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.Travel;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients in Node change transport a thousand times, under a thousand messages a second, by random
 * faults on real sockets. {@code -Danabranch.soak=SECONDS} makes it last.
 */
@Tag("long")
class ContinuityTest {
    private static final int CLIENTS = 50;
    private static final int SWITCHES = 1_000;
    private static final long SOAK_SECONDS = Long.getLong("anabranch.soak", 0);
    private static final long MOST_SECONDS = SOAK_SECONDS + 240;

    @RegisterExtension final TestHub hub = new TestHub().retain("load:*", 20_000).heartbeat(2_000);

    @Test
    void nothingIsLostWhileClientsChangeTransport() throws Exception {
        try (Travel travel = new Travel(hub);
                ChildProcess node = ChildProcess.node("node.js", options(travel))) {
            assertThat(node.hear(40)).isEqualTo("\"ready\"");
            travel.load().start();
            node.say("go");
            assertThat(node.hear(MOST_SECONDS + 10)).isEqualTo("\"travelled\"");
            node.say(travel.load().stop().encode());
            Report report = travel.report(node.hear(120));
            assertThat(report.isWhole().switches()).isGreaterThanOrEqualTo(SWITCHES);
        }
    }

    private JsonObject options(Travel travel) {
        return travel.options("node", CLIENTS)
                .put("direct", hub.uri("/").toString())
                .put("switches", SWITCHES)
                .put("atLeast", 1_000 * SOAK_SECONDS)
                .put("atMost", 1_000 * MOST_SECONDS);
    }
}
