package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The frames that {@code docs/websocket.md} shows are those that the hub knows. */
class FrameSamplesTest {
    @RegisterExtension final TestHub hub = new TestHub();

    @Test
    void thoseOfAClientAreUnderstood() throws Exception {
        List<JsonObject> frames = frames("{\"type\":\"subscribe\"");
        assertThat(frames)
                .extracting(frame -> frame.getString("type"))
                .contains(
                        "subscribe",
                        "unsubscribe",
                        "publish",
                        "history",
                        "presence",
                        "call",
                        "auth",
                        "ping");
        try (var socket = new WsClient(hub, "/ws", hub.token("ann"))) {
            socket.next("ready");
            for (JsonObject frame : frames) {
                socket.send(frame.encode());
                JsonObject answer = answer(socket, frame.getValue("ref"));
                assertThat(answer.getString("code", "ok"))
                        .as(frame.encode())
                        .isNotEqualTo("bad_request");
            }
        }
    }

    private static JsonObject answer(WsClient socket, Object ref) throws Exception {
        for (; ; ) {
            JsonObject frame = socket.next();
            if (ref.equals(frame.getValue("ref"))) {
                return frame;
            }
        }
    }

    @Test
    void thoseOfTheHubHaveTheMembersThatItSends() throws Exception {
        JsonObject ready = frames("{\"type\":\"ready\"").get(0);
        JsonObject message =
                frames("{\"type\":\"ready\"").stream()
                        .filter(frame -> frame.getString("type").equals("message"))
                        .findFirst()
                        .orElseThrow();
        try (var socket = new WsClient(hub, "/ws?channel=chat:lobby", hub.token("ann"))) {
            assertThat(ready.fieldNames()).isEqualTo(socket.next("ready").fieldNames());
            JsonObject publish =
                    new JsonObject()
                            .put("type", "publish")
                            .put("channel", "chat:lobby")
                            .put("event", "said")
                            .put("data", 1);
            socket.send(publish.encode());
            socket.next("message");
            socket.send(publish.encode());
            assertThat(message.fieldNames()).isEqualTo(socket.next("message").fieldNames());
        }
    }

    /** Of the block that begins so. */
    private static List<JsonObject> frames(String begin) throws Exception {
        return Sample.all().stream()
                .filter(sample -> sample.page().equals("docs/websocket.md"))
                .filter(sample -> sample.text().startsWith(begin))
                .flatMap(sample -> sample.text().lines())
                .map(JsonObject::new)
                .toList();
    }
}
