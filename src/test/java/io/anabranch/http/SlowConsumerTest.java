package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A reader that stops reading costs the hub a number; it gets all from the log, or a gap. */
class SlowConsumerTest {
    private static final int BATCH = 500;
    private static final String PADDING = "x".repeat(1_000);

    @RegisterExtension
    final TestHub hub = new TestHub().retain("short:*", 100).retain("chat:*", 100_000);

    @Test
    void readsOnFromTheLogWhileOthersAreLive() throws Exception {
        try (Socket stopped = subscribe("chat:a");
                var neighbour = new SseReader(hub, "/sse?channel=chat:a", hub.token("bob"))) {
            neighbour.next();
            List<String> ids = new ArrayList<>();
            for (int batch = 0; batch < 12; batch++) {
                ids.addAll(publish("chat:a"));
                assertThat(neighbour.messages(BATCH))
                        .extracting(SseReader.Block::id)
                        .isEqualTo(ids.subList(ids.size() - BATCH, ids.size()));
            }
            assertThat(ids(reader(stopped), ids.size())).isEqualTo(ids);
        }
    }

    @Test
    void hearsOfAGapWhenItFellOutOfTheLog() throws Exception {
        try (Socket stopped = subscribe("short:a")) {
            List<String> ids = new ArrayList<>();
            for (int batch = 0; batch < 12; batch++) {
                ids.addAll(publish("short:a"));
            }
            BufferedReader reader = reader(stopped);
            List<String> seen = new ArrayList<>();
            List<JsonObject> gaps = new ArrayList<>();
            while (seen.isEmpty() || !seen.get(seen.size() - 1).equals(ids.get(ids.size() - 1))) {
                String line = reader.readLine();
                if (line.contains("\"type\":\"gap\"")) {
                    gaps.add(new JsonObject(line.substring("data: ".length())));
                } else if (line.contains("\"type\":\"message\"")) {
                    seen.add(new JsonObject(line.substring("data: ".length())).getString("id"));
                }
            }
            // It may fall out again while it catches up: then each loss has a gap of its own.
            assertThat(gaps).isNotEmpty();
            List<String> expected = new ArrayList<>(ids);
            for (JsonObject gap : gaps) {
                assertThat(gap.getString("reason")).isEqualTo("overflow");
                int from = ids.indexOf(gap.getString("after")) + 1;
                int to = ids.indexOf(gap.getString("resumed")) + 1;
                expected.removeAll(ids.subList(from, to));
            }
            assertThat(seen).isEqualTo(expected);
        }
    }

    @Test
    void largeMessagesArriveOnce() throws Exception {
        String token = hub.token("bob");
        try (var stream = new SseReader(hub, "/sse?channel=chat:a", token);
                var socket = new WsClient(hub, "/ws?channel=chat:a", token)) {
            stream.next();
            socket.next("ready");
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 40; i++) {
                JsonObject item = new JsonObject().put("channel", "chat:a");
                lines.append(item.put("data", PADDING.repeat(60))).append('\n');
            }
            List<String> ids = publishAll("application/x-ndjson", lines.toString());
            assertThat(stream.messages(40)).extracting(SseReader.Block::id).isEqualTo(ids);
            for (String id : ids) {
                assertThat(socket.next("message").getString("id")).isEqualTo(id);
            }
        }
    }

    private List<String> publish(String channel) throws Exception {
        JsonArray batch = new JsonArray();
        for (int i = 0; i < BATCH; i++) {
            batch.add(new JsonObject().put("channel", channel).put("data", PADDING));
        }
        return publishAll("application/json", batch.encode());
    }

    private List<String> publishAll(String type, String items) throws Exception {
        var response = new Rest(hub, hub.token("alice")).send("/api/v1/messages", type, items);
        assertThat(response.statusCode()).isEqualTo(200);
        return new JsonArray(response.body())
                .stream().map(item -> ((JsonObject) item).getString("id")).toList();
    }

    private Socket subscribe(String channel) throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.setSoTimeout(10_000);
        socket.connect(new InetSocketAddress("127.0.0.1", hub.port()));
        String request =
                "GET /sse?envelope=true&channel="
                        + channel
                        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + hub.token("slow")
                        + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        BufferedReader reader = reader(socket);
        while (!reader.readLine().contains("hub.ready")) {
            // The stream is open when it says so.
        }
        return socket;
    }

    private static BufferedReader reader(Socket socket) throws Exception {
        return new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 1);
    }

    private static List<String> ids(BufferedReader reader, int count) throws Exception {
        List<String> ids = new ArrayList<>();
        while (ids.size() < count) {
            String line = reader.readLine();
            if (line.contains("\"type\":\"message\"")) {
                ids.add(new JsonObject(line.substring("data: ".length())).getString("id"));
            }
        }
        return ids;
    }
}
