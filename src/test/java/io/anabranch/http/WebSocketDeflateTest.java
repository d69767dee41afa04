package io.anabranch.http;

import static io.anabranch.testing.RawWebSocket.BINARY;
import static io.anabranch.testing.RawWebSocket.CLOSE;
import static io.anabranch.testing.RawWebSocket.CONTINUATION;
import static io.anabranch.testing.RawWebSocket.FIN;
import static io.anabranch.testing.RawWebSocket.PING;
import static io.anabranch.testing.RawWebSocket.PONG;
import static io.anabranch.testing.RawWebSocket.RSV1;
import static io.anabranch.testing.RawWebSocket.TEXT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.RawWebSocket;
import io.anabranch.testing.RawWebSocket.Frame;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** permessage-deflate (RFC 7692), where {@code http.permessageDeflate} is on. */
class WebSocketDeflateTest {
    private static final Path CLIENT = Path.of("src/test/js-independent");
    private static final int MAX_MESSAGE = 64 * 1024;
    private static final int RSV2 = 0x20;

    @RegisterExtension final TestHub hub = new TestHub().deflates().maxMessage(MAX_MESSAGE);

    @Test
    void aClientOfNpmReadsAndWritesWhatIsCompressed() throws Exception {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            texts.add((i + " wörter, words, 言葉; ").repeat(i % 70));
        }
        texts.add("z".repeat(MAX_MESSAGE - 2));
        ProcessBuilder builder = new ProcessBuilder("node", "deflate.js", wsUri(), "chat:a");
        builder.environment().put("TOKEN", hub.token("alice"));
        Process node =
                builder.directory(CLIENT.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            node.getOutputStream().write(new JsonArray(texts).toBuffer().getBytes());
            node.getOutputStream().close();
            JsonArray read = new JsonArray(new String(node.getInputStream().readAllBytes(), UTF_8));
            assertThat(node.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(read.getString(0)).startsWith("permessage-deflate");
            assertThat(read.getJsonArray(2).getList()).isEqualTo(texts);
            int written = texts.stream().mapToInt(text -> text.getBytes(UTF_8).length).sum();
            assertThat(read.getInteger(1)).isLessThan(written / 3);
        } finally {
            node.destroyForcibly();
        }
    }

    @Test
    void whoOffersItSharesMessagesWithWhoDoesNot() throws Exception {
        String data = "\"" + "again and ".repeat(100) + "\"";
        try (RawWebSocket one = open();
                RawWebSocket other = open();
                WsClient plain = new WsClient(hub, "/ws?channel=chat:a", hub.token("bob"))) {
            one.next(TEXT);
            other.next(TEXT);
            plain.next("ready");
            String id = new Rest(hub, hub.token("alice")).publish("chat:a", data);

            Frame frame = one.next(TEXT);
            assertThat(frame.rsv1()).isTrue();
            assertThat(frame.payload().length).isLessThan(data.length() / 3);
            assertThat(new JsonObject(inflated(frame.payload())).getString("id")).isEqualTo(id);
            assertThat(other.next(TEXT).payload()).isEqualTo(frame.payload());
            assertThat(plain.next("message").getString("id")).isEqualTo(id);
        }
    }

    @Test
    void aShortMessageGoesAsItIs() throws Exception {
        try (RawWebSocket socket = open()) {
            socket.next(TEXT);
            socket.sendText("{\"type\":\"ping\",\"ref\":1}");
            Frame frame = socket.next(TEXT);
            assertThat(frame.rsv1()).isFalse();
            assertThat(frame.text()).isEqualTo("{\"type\":\"ok\",\"ref\":1}");
        }
    }

    @Test
    void readsFragmentsWithControlFramesBetween() throws Exception {
        byte[] packed = deflated("{\"type\":\"ping\",\"ref\":\"ä ä ä ä ä ä ä ä\"}".getBytes(UTF_8));
        try (RawWebSocket socket = open()) {
            socket.next(TEXT);
            socket.send(RSV1 | TEXT, Arrays.copyOf(packed, 1));
            for (int i = 1; i < packed.length; i++) {
                socket.send(FIN | PING, new byte[0]);
                socket.next(PONG);
                socket.send(CONTINUATION, new byte[] {packed[i]});
            }
            socket.send(FIN | CONTINUATION, new byte[0]);
            assertThat(answer(socket)).isEqualTo("{\"type\":\"ok\",\"ref\":\"ä ä ä ä ä ä ä ä\"}");
        }
    }

    /** RFC 7692 §7.2.3.4 and §7.2.3.3. */
    @Test
    void readsMessagesWithAFinalBlockAndWithoutCompression() throws Exception {
        byte[] text = "{\"type\":\"ping\",\"ref\":7}".getBytes(UTF_8);
        for (int level : new int[] {Deflater.NO_COMPRESSION, Deflater.BEST_COMPRESSION}) {
            Deflater deflater = new Deflater(level, true);
            deflater.setInput(text);
            deflater.finish();
            byte[] out = new byte[200];
            int length = deflater.deflate(out);
            deflater.end();
            try (RawWebSocket socket = open()) {
                socket.next(TEXT);
                // The byte of the empty block whose other four are left out.
                socket.send(FIN | RSV1 | TEXT, Arrays.copyOf(out, length + 1));
                assertThat(answer(socket)).isEqualTo("{\"type\":\"ok\",\"ref\":7}");
            }
        }
    }

    @Test
    void bombsEndTheirConnectionAndTakeNoMemory() throws Exception {
        byte[] bomb = deflated(new byte[64 << 20]);
        assertThat(bomb.length).isLessThan(MAX_MESSAGE + 8 * 1024);
        long before = pooled();
        try (WsClient neighbour = new WsClient(hub, "/ws?channel=chat:a", hub.token("bob"))) {
            neighbour.next("ready");
            List<RawWebSocket> sockets = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                sockets.add(open());
                sockets.get(i).send(FIN | RSV1 | (i % 2 == 0 ? TEXT : BINARY), bomb);
            }
            for (RawWebSocket socket : sockets) {
                assertThat(socket.next(CLOSE).code()).isEqualTo(1009);
                socket.close();
            }
            new Rest(hub, hub.token("alice")).publish("chat:a", "1");
            assertThat(neighbour.next("message").getInteger("data")).isEqualTo(1);
        }
        // One of the 40 would have taken 64 MiB.
        assertThat(pooled() - before).isLessThan(48L << 20);
    }

    @Test
    void aBombOfManyFragmentsEndsAtTheSameBound() throws Exception {
        byte[] bomb = deflated(new byte[1 << 20]);
        int part = bomb.length / 16 + 1;
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int at = 0; at < bomb.length; at += part) {
            byte[] fragment = Arrays.copyOfRange(bomb, at, Math.min(at + part, bomb.length));
            frames.write(RawWebSocket.frame(at == 0 ? RSV1 | TEXT : CONTINUATION, fragment));
        }
        try (RawWebSocket socket = open()) {
            // At once, since the hub does not wait for the rest of a bomb.
            socket.sendBytes(frames.toByteArray());
            assertThat(socket.next(CLOSE).code()).isEqualTo(1009);
        }
    }

    @Test
    void whatInflatesTooFarIsRefusedWhereALargeMessageIsNot() throws Exception {
        TestHub large = new TestHub().deflates().maxMessage(8 << 20);
        large.start();
        try (RawWebSocket good = open(large);
                RawWebSocket bad = open(large)) {
            String ref =
                    new java.util.Random(1)
                            .ints(200_000, 'a', 'g')
                            .collect(
                                    StringBuilder::new,
                                    StringBuilder::appendCodePoint,
                                    StringBuilder::append)
                            .toString();
            good.next(TEXT);
            good.send(FIN | RSV1 | TEXT, deflated(ping(ref)));
            assertThat(answer(good)).contains(ref);

            bad.send(FIN | RSV1 | TEXT, deflated(new byte[1 << 20]));
            assertThat(bad.next(CLOSE).code()).isEqualTo(1009);
        } finally {
            large.stop();
        }
    }

    @Test
    void whatIsNoDeflateDataIsRefused() throws Exception {
        assertRefused(1007, FIN | RSV1 | TEXT, "no deflate data".getBytes(UTF_8));
    }

    @Test
    void whatInflatesToNoUtf8IsRefused() throws Exception {
        assertRefused(1007, FIN | RSV1 | TEXT, deflated(new byte[] {'a', (byte) 0xff, 'b'}));
    }

    @ParameterizedTest
    @ValueSource(ints = {FIN | RSV2 | TEXT, FIN | RSV1 | RSV2 | TEXT, FIN | RSV1 | PING})
    void otherReservedBitsBreakTheProtocol(int first) throws Exception {
        assertRefused(1002, first, new byte[0]);
    }

    @Test
    void aContinuationCannotBeMarked() throws Exception {
        try (RawWebSocket socket = open()) {
            socket.send(RSV1 | TEXT, Arrays.copyOf(deflated(new byte[9]), 1));
            socket.send(FIN | RSV1 | CONTINUATION, new byte[0]);
            assertThat(socket.next(CLOSE).code()).isEqualTo(1002);
        }
    }

    @Test
    void whoDoesNotOfferItMayNotUseIt() throws Exception {
        try (RawWebSocket socket = new RawWebSocket(hub, "/ws", hub.token("bob"))) {
            assertThat(socket.answer()).doesNotContainIgnoringCase("sec-websocket-extensions");
            socket.send(FIN | RSV1 | TEXT, deflated(new byte[9]));
            assertThat(socket.next(CLOSE).code()).isEqualTo(1002);
        }
    }

    private void assertRefused(int code, int first, byte[] payload) throws Exception {
        try (RawWebSocket socket = open()) {
            socket.send(first, payload);
            assertThat(socket.next(CLOSE).code()).isEqualTo(code);
        }
    }

    private static byte[] ping(String ref) {
        return new JsonObject().put("type", "ping").put("ref", ref).toBuffer().getBytes();
    }

    private RawWebSocket open() throws Exception {
        return open(hub);
    }

    private static RawWebSocket open(TestHub hub) throws Exception {
        RawWebSocket socket =
                new RawWebSocket(
                        hub.port(),
                        "/ws?channel=chat:a",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
                        "Authorization: Bearer " + hub.token("bob"));
        assertThat(socket.answer())
                .containsIgnoringCase(
                        "sec-websocket-extensions: permessage-deflate;"
                                + " server_no_context_takeover; client_no_context_takeover\r\n");
        return socket;
    }

    private String wsUri() {
        return hub.uri("/ws").toString().replaceFirst("^http", "ws");
    }

    /** What the pool has taken from the system, in bytes. */
    private static long pooled() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
                + PooledByteBufAllocator.DEFAULT.metric().usedHeapMemory();
    }

    private static byte[] deflated(byte[] content) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(content);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[8_192];
        for (int n = 1; n > 0; ) {
            n = deflater.deflate(piece, 0, piece.length, Deflater.SYNC_FLUSH);
            out.write(piece, 0, n);
            n = n == piece.length ? n : 0;
        }
        deflater.end();
        return Arrays.copyOf(out.toByteArray(), out.size() - 4);
    }

    /** The next answer of the hub, whatever heartbeats come before it. */
    private static String answer(RawWebSocket socket) throws Exception {
        while (true) {
            Frame frame = socket.next(TEXT);
            String text = frame.rsv1() ? inflated(frame.payload()) : frame.text();
            if (text.startsWith("{\"type\":\"ok\"")) {
                return text;
            }
        }
    }

    private static String inflated(byte[] packed) throws Exception {
        Inflater inflater = new Inflater(true);
        inflater.setInput(packed);
        byte[] out = new byte[1 << 20];
        int length = inflater.inflate(out);
        inflater.end();
        return new String(out, 0, length, UTF_8);
    }
}
