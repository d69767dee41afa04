package io.anabranch.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.RandomJson;
import io.anabranch.stream.Encoding.Form;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncodingTest {
    private static final MessageId ID = new MessageId("k4x9", 1042);
    private static final MessageId PREV = new MessageId("k4x9", 1017);

    @Test
    void messageIsABlockWithItsValueAlone() {
        assertThat(text(Encoding.SSE, message("message", "{\"text\":\"hi\"}")))
                .isEqualTo("id: k4x9-1042\ndata: {\"text\":\"hi\"}\n\n");
        assertThat(text(Encoding.SSE, message("moved", "1.50")))
                .isEqualTo("id: k4x9-1042\nevent: moved\ndata: 1.50\n\n");
    }

    @Test
    void envelopeIsTheWholeMessage() {
        Message message = message("moved", "\"a\"");
        assertThat(text(Encoding.SSE_ENVELOPE, message))
                .isEqualTo(
                        "id: k4x9-1042\nevent: moved\ndata: "
                                + new String(message.toJson(), UTF_8)
                                + "\n\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "  two spaces",
                "a\nb",
                "a\n\nb",
                "\n",
                "\n\n\n",
                "a\n",
                "\u2028 and \u2029 and \u0085 are no line ends",
                "\uFEFFa BOM",
                "data: x",
                ": no comment",
                "id: k4x9-9",
                "nul \u0000, tab \t, vt \u000B, ff \f",
                "\uD83D\uDE00 é"
            })
    void textIsReadBackAsItWas(String text) {
        Message message = message("message", JsonValue.ofText(text).toString());
        assertThat(WireDecoder.blocks(bytes(Encoding.SSE, message)))
                .containsExactly(Map.of("id", "k4x9-1042", "data", text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a\rb", "a\r\nb", "\r", "\r\n", "\r\r\n\n", "a\n\rb", "\r\nid: x\r\r\n\n"})
    void everyLineEndEndsALine(String text) {
        Message message = message("message", JsonValue.ofText(text).toString());
        String expected = text.replace("\r\n", "\n").replace('\r', '\n');
        assertThat(text(Encoding.SSE, message)).doesNotContain("\r");
        assertThat(WireDecoder.blocks(bytes(Encoding.SSE, message)))
                .containsExactly(Map.of("id", "k4x9-1042", "data", expected));
    }

    @Test
    void anyTextStaysInsideItsBlock() {
        String alphabet = "\r\n: aid\u2028";
        for (int seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            Message message = message("message", JsonValue.ofText(text.toString()).toString());
            String expected = text.toString().replace("\r\n", "\n").replace('\r', '\n');
            assertThat(WireDecoder.blocks(bytes(Encoding.SSE, message)))
                    .as("seed %d", seed)
                    .containsExactly(Map.of("id", "k4x9-1042", "data", expected));
        }
    }

    @Test
    void anyJsonIsTheSameJsonInEveryEncoding() {
        for (int seed = 0; seed < 5_000; seed++) {
            String json = new RandomJson(new Random(seed)).value();
            Message message = message("größe", json);
            String lines = json.replace("\r\n", "\n").replace('\r', '\n');
            if (!message.data().isText()) {
                assertThat(WireDecoder.blocks(bytes(Encoding.SSE, message)).get(0))
                        .as("seed %d", seed)
                        .containsEntry("event", "größe")
                        .containsEntry("data", lines);
            }
            String envelope = new String(message.toJson(), UTF_8);
            assertThat(WireDecoder.textFrames(bytes(Encoding.WEBSOCKET, message)))
                    .as("seed %d", seed)
                    .containsExactly(envelope.getBytes(UTF_8));
            assertThat(WireDecoder.blocks(bytes(Encoding.SSE_ENVELOPE, message)).get(0))
                    .as("seed %d", seed)
                    .containsEntry("data", envelope.replace("\r\n", "\n").replace('\r', '\n'));
        }
    }

    @Test
    void chunksCarryTheSameBytes() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<Message> messages = new ArrayList<>();
            for (int i = 1 + random.nextInt(5); i > 0; i--) {
                String value =
                        random.nextInt(10) == 0
                                ? "\"" + "x".repeat(random.nextInt(200_000)) + "\""
                                : new RandomJson(random).value();
                messages.add(message("message", value));
            }
            Message[] all = messages.toArray(Message[]::new);
            assertThat(WireDecoder.chunks(bytes(Encoding.SSE_CHUNKED, all)))
                    .as("seed %d", seed)
                    .isEqualTo(bytes(Encoding.SSE, all));
            assertThat(WireDecoder.chunks(bytes(Encoding.SSE_ENVELOPE_CHUNKED, all)))
                    .as("seed %d", seed)
                    .isEqualTo(bytes(Encoding.SSE_ENVELOPE, all));
        }
    }

    @Test
    void chunkOfALargeMessageIsWhole() {
        Message message = message("message", "\"" + "x".repeat(5 << 20) + "\"");
        assertThat(WireDecoder.chunks(bytes(Encoding.SSE_CHUNKED, message)))
                .isEqualTo(bytes(Encoding.SSE, message));
    }

    @ParameterizedTest
    @CsvSource({"125, 2", "126, 4", "127, 4", "65535, 4", "65536, 10", "65537, 10", "1000000, 10"})
    void webSocketFrameHasTheShortestLength(int length, int header) {
        int rest = message("message", "\"\"").toJson().length;
        // Too long a message for the shortest frames, so those are control frames.
        byte[] wire =
                length > rest
                        ? bytes(
                                Encoding.WEBSOCKET,
                                message("message", "\"" + "x".repeat(length - rest) + "\""))
                        : control(Encoding.WEBSOCKET, frameOfLength(length), null);
        assertThat(wire).hasSize(header + length);
        assertThat(WireDecoder.textFrames(wire)).hasSize(1);
        assertThat(WireDecoder.textFrames(wire).get(0)).hasSize(length);
    }

    @ParameterizedTest
    @EnumSource(Encoding.class)
    void contentThatFailsLeavesNoBufferBehind(Encoding encoding) {
        List<ByteBuf> opened = new ArrayList<>();
        assertThatThrownBy(
                        () ->
                                encoding.buffer(
                                        64,
                                        out -> {
                                            opened.add(out);
                                            throw new IllegalStateException("expected");
                                        }))
                .hasMessage("expected");
        assertThat(opened).singleElement().extracting(ByteBuf::refCnt).isEqualTo(0);
    }

    @Test
    void severalWebSocketMessagesAreSeveralFrames() {
        Message first = message("message", "1");
        Message second = message("moved", "[1,\r\n2]");
        assertThat(WireDecoder.textFrames(bytes(Encoding.WEBSOCKET, first, second)))
                .containsExactly(first.toJson(), second.toJson());
    }

    @Test
    void controlFrameIsAnEventOfTheHub() {
        JsonObject frame = new JsonObject().put("type", "gap").put("channel", "a");
        assertThat(WireDecoder.blocks(control(Encoding.SSE, frame, ID)))
                .containsExactly(
                        Map.of("id", "k4x9-1042", "event", "hub.gap", "data", frame.encode()));
        assertThat(WireDecoder.blocks(control(Encoding.SSE_ENVELOPE, frame, null)))
                .containsExactly(Map.of("event", "hub.gap", "data", frame.encode()));
        assertThat(WireDecoder.blocks(WireDecoder.chunks(control(Encoding.SSE_CHUNKED, frame, ID))))
                .isEqualTo(WireDecoder.blocks(control(Encoding.SSE, frame, ID)));
        assertThat(WireDecoder.textFrames(control(Encoding.WEBSOCKET, frame, ID)))
                .containsExactly(frame.encode().getBytes(UTF_8));
    }

    @Test
    void heartbeatIsACursorWithoutData() {
        assertThat(new String(heartbeat(Encoding.SSE), UTF_8)).isEqualTo("id: k4x9-1042\n\n");
        assertThat(WireDecoder.chunks(heartbeat(Encoding.SSE_ENVELOPE_CHUNKED)))
                .isEqualTo(heartbeat(Encoding.SSE_ENVELOPE));
        assertThat(WireDecoder.textFrames(heartbeat(Encoding.WEBSOCKET)))
                .containsExactly(
                        "{\"type\":\"heartbeat\",\"cursor\":\"k4x9-1042\"}".getBytes(UTF_8));
    }

    /** Vert.x releases nothing of a stream that is reset. */
    @Test
    void onlyWhatIsWrittenBelowVertxIsOfThePool() {
        for (Encoding encoding : Encoding.values()) {
            ByteBuf buffer = Prepared.encode(encoding, List.of(message("message", "1")));
            boolean byVertx =
                    Set.of(Encoding.SSE, Encoding.SSE_ENVELOPE, Encoding.MERCURE, Encoding.BUS)
                            .contains(encoding);
            assertThat(buffer.isDirect()).as("%s", encoding).isEqualTo(!byVertx);
            buffer.release();
        }
    }

    @Test
    void eventStreamHasAnEncodingForEachChoice() {
        assertThat(Encoding.eventStream(Form.PLAIN, false)).isEqualTo(Encoding.SSE);
        assertThat(Encoding.eventStream(Form.PLAIN, true)).isEqualTo(Encoding.SSE_CHUNKED);
        assertThat(Encoding.eventStream(Form.ENVELOPE, false)).isEqualTo(Encoding.SSE_ENVELOPE);
        assertThat(Encoding.eventStream(Form.ENVELOPE, true))
                .isEqualTo(Encoding.SSE_ENVELOPE_CHUNKED);
        assertThat(Encoding.eventStream(Form.MERCURE, false)).isEqualTo(Encoding.MERCURE);
        assertThat(Encoding.eventStream(Form.MERCURE, true)).isEqualTo(Encoding.MERCURE_CHUNKED);
    }

    static Message message(String event, String json) {
        Channel channel = new Channel("a:b");
        return new Message(ID, PREV, channel, event, JsonValue.parse(json), 1795223640123L, "bob");
    }

    private static JsonObject frameOfLength(int length) {
        int rest = new JsonObject().put("type", "").encode().length();
        return new JsonObject().put("type", "x".repeat(length - rest));
    }

    private static String text(Encoding encoding, Message message) {
        return new String(bytes(encoding, message), UTF_8);
    }

    private static byte[] bytes(Encoding encoding, Message... messages) {
        return take(Prepared.encode(encoding, List.of(messages)));
    }

    private static byte[] control(Encoding encoding, JsonObject frame, MessageId cursor) {
        return take(encoding.buffer(64, out -> encoding.writeControl(frame, cursor, out)));
    }

    private static byte[] heartbeat(Encoding encoding) {
        return take(encoding.buffer(64, out -> encoding.writeHeartbeat(ID, out)));
    }

    private static byte[] take(ByteBuf buffer) {
        byte[] bytes = ByteBufUtil.getBytes(buffer);
        assertThat(buffer.release()).as("owned by the caller alone").isTrue();
        return bytes;
    }
}
