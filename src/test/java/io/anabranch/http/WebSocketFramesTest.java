package io.anabranch.http;

import static io.anabranch.testing.RawWebSocket.BINARY;
import static io.anabranch.testing.RawWebSocket.CLOSE;
import static io.anabranch.testing.RawWebSocket.CONTINUATION;
import static io.anabranch.testing.RawWebSocket.FIN;
import static io.anabranch.testing.RawWebSocket.PING;
import static io.anabranch.testing.RawWebSocket.TEXT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.RawWebSocket;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Frames that no client library sends. What Autobahn covers is not repeated here. */
class WebSocketFramesTest {
    private static final byte[] NOTHING = {};
    private static final byte[] NOT_UTF8 = {(byte) 0xc0, (byte) 0x80};

    @RegisterExtension final TestHub hub = new TestHub();

    @Test
    void putsAFrameTogetherFromFragmentsWithPingsBetween() throws Exception {
        try (RawWebSocket socket = open()) {
            socket.send(TEXT, NOTHING)
                    .send(CONTINUATION, "{\"type\":\"pi".getBytes(UTF_8))
                    .send(FIN | PING, NOTHING)
                    .send(CONTINUATION, NOTHING)
                    .send(FIN | CONTINUATION, "ng\",\"ref\":\"é\"}".getBytes(UTF_8));
            assertThat(answer(socket).getString("ref")).isEqualTo("é");
        }
    }

    @Test
    void answersABinaryFrameByAnErrorAndStays() throws Exception {
        try (RawWebSocket socket = open()) {
            socket.send(FIN | BINARY, NOT_UTF8);
            assertThat(answer(socket).getString("message")).contains("expected: text");
            socket.sendText("{\"type\":\"ping\",\"ref\":1}");
            assertThat(answer(socket).getInteger("ref")).isEqualTo(1);
        }
    }

    @Test
    void refusesFragmentsThatTogetherAreTooLarge() throws Exception {
        byte[] part = new byte[16 * 1024];
        Arrays.fill(part, (byte) ' ');
        try (RawWebSocket socket = open()) {
            socket.send(TEXT, part);
            for (int i = 0; i < 4; i++) {
                socket.send(CONTINUATION, part);
            }
            assertThat(socket.next(CLOSE).code()).isEqualTo(1009);
        }
    }

    @Test
    void sendsNothingAfterItsCloseFrame() throws Exception {
        try (RawWebSocket socket = open();
                SseReader neighbour = new SseReader(hub, "/sse?channel=*", hub.token("bob"))) {
            socket.send(FIN | TEXT, NOT_UTF8);
            assertThat(socket.next(CLOSE).code()).isEqualTo(1007);
            String id = new Rest(hub, hub.token("alice")).publish("chat:a", "1");
            assertThat(neighbour.message().id()).isEqualTo(id);
            socket.send(FIN | CLOSE, new byte[] {0x3, (byte) 0xef});
            assertThat(socket.next()).isEqualTo(Optional.empty());
        }
    }

    @Test
    void speaksNoVersionBut13() throws Exception {
        for (String version : new String[] {"0", "7", "8", "14", "x"}) {
            refusesVersion("Sec-WebSocket-Version: " + version);
        }
        refusesVersion("Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5");
    }

    private void refusesVersion(String header) throws IOException {
        String token = "Authorization: Bearer " + hub.token("alice");
        try (RawWebSocket socket = new RawWebSocket(hub.port(), "/ws?channel=a", header, token)) {
            assertThat(socket.status()).as(header).isEqualTo(426);
            assertThat(socket.answer().toLowerCase(java.util.Locale.ROOT))
                    .contains("sec-websocket-version: 13", "application/problem+json");
        }
    }

    @Test
    void keepsNothingOfFramesThatComeBeforeTheAnswer() throws Exception {
        long pinned = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
        String frame = new String(RawWebSocket.frame(FIN | TEXT, new byte[30_000]), ISO_8859_1);
        String token = "Authorization: Bearer " + hub.token("alice");
        for (int i = 0; i < 20; i++) {
            String last = token + "\r\n\r\n" + frame;
            String version = "Sec-WebSocket-Version: 13";
            try (var socket = new RawWebSocket(hub.port(), "/ws", version, last)) {
                while (socket.next().isPresent()) {
                    assertThat(socket.status()).isEqualTo(101);
                }
            }
        }
        await().until(() -> PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() <= pinned);
    }

    private static JsonObject answer(RawWebSocket socket) throws IOException {
        return new JsonObject(socket.next(TEXT).text());
    }

    private RawWebSocket open() throws IOException {
        RawWebSocket socket = new RawWebSocket(hub, "/ws?channel=chat:a", hub.token("alice"));
        assertThat(socket.status()).isEqualTo(101);
        assertThat(answer(socket).getString("type")).isEqualTo("ready");
        return socket;
    }
}
