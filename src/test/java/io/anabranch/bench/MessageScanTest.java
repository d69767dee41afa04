package io.anabranch.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MessageScanTest {
    @RegisterExtension final TestHub hub = new TestHub();

    private final Payload payload = new Payload("run1", 160, new SplittableRandom(1));
    private final MessageScan scan = new MessageScan(payload, "bench:");
    private final Outgoing outgoing = new Outgoing(3, 42, 1_234, 987_654_321_000L);

    @Test
    void fillsAPayloadUpToItsSize() {
        Payload other = new Payload("run2", Payload.MIN_BYTES, new SplittableRandom(1));

        assertThat(payload.of(outgoing)).hasSize(160);
        assertThat(other.of(new Outgoing(9_999, 999_999, 999_999_999, Long.MAX_VALUE)))
                .hasSize(Payload.MIN_BYTES);
        assertThat(new JsonObject(payload.of(outgoing)).getLong("n")).isEqualTo(1_234);
    }

    @Test
    void readsWhatTheHubWritesWithoutParsing() throws Exception {
        String token = hub.token("alice");
        try (WsClient client = new WsClient(hub, "/ws?channel=bench:*", token)) {
            client.next("ready");
            new Rest(hub, token).publish("bench:42", payload.of(outgoing));
            new Rest(hub, token).publish("bench:42", payload.of(outgoing));
            client.next("message");
            JsonObject message = client.next("message");

            assertThat(scan(message.encode())).isTrue();
            assertThat(scan.agreesWith(message)).isTrue();
            assertThat(scan.channel).isEqualTo(42);
            assertThat(scan.publishedOn).isEqualTo(42);
            assertThat(scan.publisher).isEqualTo(3);
            assertThat(scan.n).isEqualTo(1_234);
            assertThat(scan.atNanos).isEqualTo(987_654_321_000L);
            assertThat(message.getString("prev")).endsWith("-" + scan.prev);
        }
    }

    @Test
    void leavesTheRestToTheParser() {
        String known = message(payload.of(outgoing));
        String otherOrder =
                new JsonObject().put("channel", "bench:42").mergeIn(new JsonObject(known)).encode();

        assertThat(scan(known)).isTrue();
        assertThat(scan(otherOrder)).isFalse();
        assertThat(scan(known.replace("run1", "run9"))).isFalse();
        assertThat(scan(known.replace("bench:", "chat:"))).isFalse();
        assertThat(scan(known.replace("abcd-7", "abcdefghi-7"))).isFalse();
        assertThat(scan("{\"type\":\"heartbeat\",\"cursor\":\"abcd-1\"}")).isFalse();
        for (int length = 0; length < known.length(); length++) {
            assertThat(scan(known.substring(0, length))).as("%s bytes", length).isFalse();
        }
    }

    @Test
    void parsesAnyMessage() {
        scan.parse(new JsonObject(message("\"from elsewhere\"")));
        assertThat(scan.ours).isFalse();
        assertThat(scan.seq).isEqualTo(7);
        assertThat(scan.prev).isEqualTo(5);

        assertThatThrownBy(() -> scan.parse(new JsonObject("{\"type\":\"message\",\"id\":7}")))
                .isInstanceOf(DecodeException.class);
    }

    @Test
    void seesThatDataWasChanged() {
        String known = message(payload.of(outgoing));
        char fill = payload.of(outgoing).charAt(150);
        String changed =
                message(
                        payload.of(outgoing).substring(0, 150)
                                + (char) (fill ^ 1)
                                + payload.of(outgoing).substring(151));

        assertThat(scan(known)).isTrue();
        assertThat(scan.isAsPublished(new JsonObject(known))).isTrue();
        assertThat(scan.isAsPublished(new JsonObject(changed))).isFalse();
    }

    private static String message(String data) {
        return "{\"type\":\"message\",\"id\":\"abcd-7\",\"prev\":\"abcd-5\",\"channel\":\"bench:42\","
                + "\"data\":"
                + data
                + ",\"time\":1795223640123,\"user\":\"alice\"}";
    }

    private boolean scan(String json) {
        byte[] bytes = ("xx" + json + "yy").getBytes(UTF_8);
        return scan.scan(bytes, 2, bytes.length - 2);
    }
}
