package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A hub that goes down asks its clients to come back, each at another moment. */
class RestartTest {
    @RegisterExtension final TestHub hub = new TestHub();

    @Test
    void endsItsConnectionsWithAReasonToReturn() throws Exception {
        String token = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", token);
                var stream = new SseReader(hub, "/sse?channel=chat:a", token)) {
            socket.next("ready");
            stream.next();
            int port = hub.port();
            hub.stop();
            JsonObject close = socket.next("close");
            assertThat(close.getInteger("code")).isEqualTo(4503);
            assertThat(close.getInteger("retryAfter")).isBetween(1, 5_000);
            assertThat(socket.closeCode()).isEqualTo(4503);
            SseReader.Block event = stream.message();
            assertThat(event.event()).isEqualTo("hub.close");
            assertThat(new JsonObject(event.data()).getInteger("code")).isEqualTo(4503);
            try (Socket late = new Socket()) {
                Assertions.assertThatThrownBy(
                                () -> late.connect(new InetSocketAddress("127.0.0.1", port)))
                        .isInstanceOf(ConnectException.class);
            }
        }
    }
}
