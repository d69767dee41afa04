package io.anabranch.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.RandomJson;
import io.anabranch.testing.Fuzz;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any messages in every encoding, read back by the letter of the standards. */
class EncodingFuzzTest {
    private static final String ALPHABET =
            "\r\n\r\n: aid\u2028\uFEFF\u0000\u0085\uD83D\uDE00\uD83Dé";
    private static final List<String> EVENTS = List.of("message", " ", ":", "id: 1", "ü \uFEFF");

    @Test
    void isReadBackAsItWasWritten() {
        Fuzz.run(
                3_000,
                random -> {
                    List<Message> messages = new ArrayList<>();
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        messages.add(message(random, i));
                    }
                    byte[] plain = bytes(Encoding.SSE, messages);
                    byte[] envelope = bytes(Encoding.SSE_ENVELOPE, messages);
                    assertThat(WireDecoder.blocks(plain))
                            .isEqualTo(messages.stream().map(m -> block(m, value(m))).toList());
                    assertThat(WireDecoder.blocks(envelope))
                            .isEqualTo(messages.stream().map(m -> block(m, json(m))).toList());
                    assertThat(WireDecoder.chunks(bytes(Encoding.SSE_CHUNKED, messages)))
                            .isEqualTo(plain);
                    assertThat(WireDecoder.chunks(bytes(Encoding.SSE_ENVELOPE_CHUNKED, messages)))
                            .isEqualTo(envelope);
                    assertThat(
                                    WireDecoder.textFrames(bytes(Encoding.WEBSOCKET, messages))
                                            .stream()
                                            .map(frame -> new String(frame, UTF_8)))
                            .containsExactlyElementsOf(
                                    messages.stream().map(EncodingFuzzTest::json).toList());
                    byte[] deflated = bytes(Encoding.WEBSOCKET_DEFLATED, messages);
                    assertThat(
                                    WireDecoder.deflatedTextFrames(deflated).stream()
                                            .map(frame -> new String(frame, UTF_8)))
                            .containsExactlyElementsOf(
                                    messages.stream().map(EncodingFuzzTest::json).toList());
                    assertThat(deflated.length)
                            .isLessThanOrEqualTo(bytes(Encoding.WEBSOCKET, messages).length);
                });
    }

    private static Message message(Random random, int seq) {
        JsonValue data =
                random.nextBoolean()
                        ? JsonValue.ofText(text(random))
                        : JsonValue.parse(new RandomJson(random).value());
        return new Message(
                new MessageId("k4x9", seq),
                random.nextBoolean() ? null : new MessageId("k4x9", seq),
                new Channel("a"),
                EVENTS.get(random.nextInt(EVENTS.size())),
                data,
                random.nextLong(1L << 50),
                random.nextBoolean() ? null : text(random));
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(30) == 0 ? random.nextInt(70_000) : random.nextInt(20);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }

    private static Map<String, String> block(Message message, String data) {
        Map<String, String> block = new LinkedHashMap<>();
        block.put("id", message.id().toString());
        if (!message.event().equals("message")) {
            block.put("event", message.event());
        }
        block.put("data", data.replace("\r\n", "\n").replace('\r', '\n'));
        return block;
    }

    private static String value(Message message) {
        return message.data().isText() ? message.data().text() : message.data().toString();
    }

    private static String json(Message message) {
        return new String(message.toJson(), UTF_8);
    }

    private static byte[] bytes(Encoding encoding, List<Message> messages) {
        ByteBuf buffer = Prepared.encode(encoding, messages);
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes).release();
        return bytes;
    }
}
