package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** In development a client may have its own connections broken, and nobody else's. */
class FaultsTest {
    private static final String QUERY = "?channel=chat:a&client=page-of-alice";

    @RegisterExtension final TestHub hub = new TestHub().development();

    @Test
    void cutsOneTransportUntilTheFaultIsTakenBack() throws Exception {
        String token = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws" + QUERY, token);
                var stream = new SseReader(hub, "/sse" + QUERY, token);
                var neighbour = new WsClient(hub, "/ws?channel=chat:a", token)) {
            socket.next("ready");
            neighbour.next("ready");
            fault("cut-websocket");
            assertThat(socket.closeCode())
                    .as("lost without a close frame")
                    .isEqualTo(WsClient.LOST);
            assertThatThrownBy(() -> new WsClient(hub, "/ws" + QUERY, token))
                    .isInstanceOf(Exception.class);
            publish();
            assertThat(stream.message().data()).isEqualTo("1");
            assertThat(neighbour.next().getString("type")).isEqualTo("message");
            fault("cut-sse");
            assertThat(stream.message().event()).isEqualTo("end of stream");
            try (var again = new WsClient(hub, "/ws" + QUERY, token)) {
                again.next("ready");
            }
            fault("none");
            try (var again = new SseReader(hub, "/sse" + QUERY, token)) {
                assertThat(again.status()).isEqualTo(200);
            }
        }
    }

    @Test
    void keepsWhatIsSentWhileStalledForLater() throws Exception {
        String token = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws" + QUERY, token);
                var stream = new SseReader(hub, "/sse" + QUERY, token);
                var neighbour = new WsClient(hub, "/ws?channel=chat:a", token)) {
            socket.next("ready");
            while (!stream.next().event().equals("hub.ready")) {
                // What comes before it is no message.
            }
            fault("stall");
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ids.add(publish());
            }
            for (String id : ids) {
                assertThat(neighbour.next("message").getString("id")).isEqualTo(id);
            }
            assertThat(socket.isQuiet()).isTrue();
            assertThat(stream.isQuiet()).isTrue();
            fault("none");
            for (String id : ids) {
                assertThat(socket.next("message").getString("id")).isEqualTo(id);
                assertThat(stream.message().id()).isEqualTo(id);
            }
            socket.send("{\"type\":\"ping\",\"ref\":1}");
            assertThat(socket.next().getInteger("ref")).isEqualTo(1);
        }
    }

    @Test
    void saysWhatItExpects() throws Exception {
        Rest rest = new Rest(hub, "");
        var wrong =
                rest.send(
                        "/dev/faults",
                        "application/json",
                        "{\"client\":\"page-of-alice\",\"fault\":\"fire\"}");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("fire", "cut-websocket, cut-sse, stall, none");
    }

    @Test
    void isNotThereOutsideOfDevelopment() throws Exception {
        TestHub serious = new TestHub();
        serious.start();
        try {
            var answer =
                    new Rest(serious, serious.token("alice"))
                            .send("/dev/faults", "application/json", "{}");
            assertThat(answer.statusCode()).isEqualTo(404);
        } finally {
            serious.stop();
        }
    }

    private void fault(String name) throws Exception {
        String body = "{\"client\":\"page-of-alice\",\"fault\":\"" + name + "\"}";
        assertThat(new Rest(hub, "").send("/dev/faults", "application/json", body).statusCode())
                .isEqualTo(204);
    }

    private String publish() throws Exception {
        return new Rest(hub, hub.token("bob")).publish("chat:a", "1");
    }
}
