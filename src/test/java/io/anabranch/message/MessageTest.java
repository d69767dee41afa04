package io.anabranch.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static final MessageId ID = new MessageId("k4x9", 1042);
    private static final MessageId PREV = new MessageId("k4x9", 1017);
    private static final Channel CHANNEL = new Channel("chat:lobby");
    private static final JsonValue DATA = JsonValue.parse("{\"text\":\"hi\"}");

    @Test
    void isWrittenAsTheProtocolShowsIt() {
        Message message = new Message(ID, PREV, CHANNEL, "moved", DATA, 1795223640123L, "alice");
        assertThat(json(message))
                .isEqualTo(
                        "{\"type\":\"message\",\"id\":\"k4x9-1042\",\"prev\":\"k4x9-1017\","
                                + "\"channel\":\"chat:lobby\",\"event\":\"moved\","
                                + "\"data\":{\"text\":\"hi\"},\"time\":1795223640123,"
                                + "\"user\":\"alice\"}");
    }

    @Test
    void leavesOutWhatItHasNot() {
        Message message = new Message(ID, null, CHANNEL, EventName.DEFAULT, DATA, 5, null);
        assertThat(new JsonObject(json(message)).fieldNames())
                .containsExactly("type", "id", "channel", "data", "time");
    }

    @Test
    void keepsTheDataAsItWasPublished() {
        JsonValue data = JsonValue.parse("{\"b\":1.50,\"a\":1e400,\"b\":[ ]}");
        Message message = new Message(ID, PREV, CHANNEL, EventName.DEFAULT, data, 5, null);
        assertThat(json(message)).contains("\"data\":{\"b\":1.50,\"a\":1e400,\"b\":[ ]},");
    }

    @Test
    void userWithHalfACharacterIsStillJson() {
        Message message = new Message(ID, PREV, CHANNEL, EventName.DEFAULT, DATA, 5, "a\uD800");
        assertThat(new JsonObject(json(message)).getString("user")).isEqualTo("a\uFFFD");
    }

    @Test
    void isWhatAParserReadsBack() {
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            Message message = random(random);
            Map<String, JsonValue> read =
                    JsonValue.members("message", ByteBuffer.wrap(message.toJson()));
            JsonObject json = new JsonObject(json(message));
            assertThat(read.get("data")).as("seed %d", seed).isEqualTo(message.data());
            assertThat(json.getString("type")).isEqualTo("message");
            assertThat(json.getString("id")).isEqualTo(message.id().toString());
            assertThat(json.getString("prev"))
                    .isEqualTo(message.prev() == null ? null : message.prev().toString());
            assertThat(json.getString("channel")).isEqualTo(message.channel().name());
            assertThat(json.getString("event", "message"))
                    .as("seed %d", seed)
                    .isEqualTo(message.event());
            assertThat(json.getLong("time")).isEqualTo(message.time());
            assertThat(json.getString("user")).as("seed %d", seed).isEqualTo(message.user());
        }
    }

    @Test
    void sizeIsEnoughForTheEnvelopeOfAsciiText() {
        Message message =
                new Message(
                        new MessageId("abcdefgh", 999_999_999_999_999_999L),
                        new MessageId("abcdefgh", 999_999_999_999_999_998L),
                        CHANNEL,
                        "e",
                        DATA,
                        1795223640123L,
                        "alice");
        assertThat(message.size()).isGreaterThanOrEqualTo(message.toJson().length);
    }

    private static Message random(Random random) {
        long seq = 1 + random.nextInt(1_000_000);
        String[] events = {"message", "größe", "a\"b\\c", "\u00a0", "</script>"};
        String[] users = {null, "alice", "", "\"\\\u0000\r\n\u2028", "ü\uD83D\uDE00"};
        return new Message(
                new MessageId("k4x9", seq),
                random.nextBoolean() ? null : new MessageId("k4x9", seq - 1),
                new Channel("a:" + random.nextInt(100)),
                events[random.nextInt(events.length)],
                JsonValue.parse(new RandomJson(random).value()),
                random.nextLong() >>> 16,
                users[random.nextInt(users.length)]);
    }

    private static String json(Message message) {
        return new String(message.toJson(), UTF_8);
    }
}
