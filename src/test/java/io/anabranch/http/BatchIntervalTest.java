package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What waits for the next delivery of a hub with {@code http.batchInterval} arrives in order. */
class BatchIntervalTest {
    private static final String CHANNELS = "channel=chat:a&channel=chat:b";

    @RegisterExtension final TestHub hub = new TestHub().batchInterval(400);

    @Test
    void whoStaysAndWhoResumesGetsAllOfSeveralChannelsInOrder() throws Exception {
        try (var socket = new WsClient(hub, "/ws?" + CHANNELS, hub.token("bob"));
                var stream = new SseReader(hub, "/sse?" + CHANNELS, hub.token("bob"))) {
            socket.next("ready");
            String start = stream.next().id();
            List<String> ids = publish(20);
            for (String id : ids) {
                assertThat(socket.next("message").getString("id")).isEqualTo(id);
                assertThat(stream.message().id()).isEqualTo(id);
            }
            try (var resumed =
                    new SseReader(hub, "/sse?" + CHANNELS + "&after=" + start, hub.token("bob"))) {
                ids.addAll(publish(5));
                for (String id : ids) {
                    assertThat(resumed.message().id()).isEqualTo(id);
                }
            }
        }
    }

    private List<String> publish(int count) throws Exception {
        Rest rest = new Rest(hub, hub.token("alice"));
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(rest.publish(i % 2 == 0 ? "chat:a" : "chat:b", i + ""));
        }
        return ids;
    }
}
