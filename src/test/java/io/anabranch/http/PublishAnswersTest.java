package io.anabranch.http;

import static io.anabranch.testing.RawWebSocket.FIN;
import static io.anabranch.testing.RawWebSocket.TEXT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.RawWebSocket;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** How many frames {@code publish} of one WebSocket are answered that come at once. */
class PublishAnswersTest {
    private static final int FRAMES = 7;

    @RegisterExtension final TestHub hub = quiet();

    @TempDir Path directory;

    @Test
    void answerFramesOfOneReadWithOneWrite() throws Exception {
        try (RawWebSocket socket = open(hub)) {
            socket.sendBytes(frames("chat:a"));
            byte[] first = new byte[4_096];
            int length = socket.socket().getInputStream().read(first);
            assertThat(new String(first, 0, length, ISO_8859_1).split("\"type\":\"ok\"", -1))
                    .hasSize(FRAMES + 1);
        }
    }

    @Test
    void standInTheOrderOfTheFramesWithOtherAnswersBetween() throws Exception {
        try (RawWebSocket socket = open(hub)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(frames("chat:a"));
            bytes.write(frames("not allowed"));
            bytes.write(frames("chat:b"));
            socket.sendBytes(bytes.toByteArray());
            assertThat(types(socket, 3 * FRAMES))
                    .startsWith("ok")
                    .endsWith("ok")
                    .containsSubsequence("ok", "error", "ok")
                    .filteredOn("error"::equals)
                    .hasSize(FRAMES);
        }
    }

    @Test
    void comeFromALogThatCommitsLater() throws Exception {
        TestHub durable = quiet().sqlite(directory.resolve("log.db")).durable("chat:*");
        durable.start();
        try (RawWebSocket socket = open(durable)) {
            for (int round = 0; round < 20; round++) {
                socket.sendBytes(frames("chat:a"));
                assertThat(refs(socket)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
            }
        } finally {
            durable.stop();
        }
    }

    private static List<String> types(RawWebSocket socket, int answers) throws Exception {
        List<String> types = new ArrayList<>();
        for (int i = 0; i < answers; i++) {
            JsonObject answer = new JsonObject(socket.next(TEXT).text());
            assertThat(answer.getInteger("ref")).isEqualTo(i % FRAMES);
            types.add(answer.getString("type"));
        }
        return types;
    }

    private static List<Integer> refs(RawWebSocket socket) throws Exception {
        List<Integer> refs = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            JsonObject answer = new JsonObject(socket.next(TEXT).text());
            assertThat(answer.getString("type")).isEqualTo("ok");
            refs.add(answer.getInteger("ref"));
        }
        return refs;
    }

    private static byte[] frames(String channel) throws Exception {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < FRAMES; i++) {
            String text =
                    new JsonObject()
                            .put("type", "publish")
                            .put("ref", i)
                            .put("channel", channel)
                            .put("data", i)
                            .encode();
            frames.write(RawWebSocket.frame(FIN | TEXT, text.getBytes(UTF_8)));
        }
        return frames.toByteArray();
    }

    /** Sends no heartbeat for as long as a test may last. */
    private static TestHub quiet() {
        return new TestHub().heartbeat(600_000);
    }

    private static RawWebSocket open(TestHub hub) throws Exception {
        RawWebSocket socket = new RawWebSocket(hub, "/ws", hub.token("alice"));
        assertThat(new JsonObject(socket.next(TEXT).text()).getString("type")).isEqualTo("ready");
        return socket;
    }
}
