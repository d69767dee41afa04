package io.anabranch.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValuePartsTest {
    @Test
    void membersAreEachAsItWasWritten() {
        assertThat(members(" {\"a\" : 1.50 ,\n\"\\u0062\":[ 1, {\"x\":2} ],\"c\":\"\\n\"} "))
                .containsExactly(
                        Map.entry("a", JsonValue.parse("1.50")),
                        Map.entry("b", JsonValue.parse("[ 1, {\"x\":2} ]")),
                        Map.entry("c", JsonValue.parse("\"\\n\"")));
    }

    @Test
    void ofANameThatStandsTwiceTheLastCounts() {
        assertThat(members("{\"a\":1,\"b\":2,\"a\":{\"b\":3}}"))
                .containsEntry("a", JsonValue.parse("{\"b\":3}"))
                .containsEntry("b", JsonValue.parse("2"))
                .hasSize(2);
    }

    @Test
    void membersOfAnyObjectAreSlicesOfTheSource() {
        for (int seed = 0; seed < 20_000; seed++) {
            RandomJson json = new RandomJson(new Random(seed));
            Map<String, JsonValue> expected = new LinkedHashMap<>();
            StringBuilder object = new StringBuilder(json.space()).append('{');
            for (int i = Math.floorMod(seed, 5); i > 0; i--) {
                String value = json.value();
                object.append(json.space()).append("\"k\\u00e9").append(i).append('"');
                object.append(json.space()).append(':').append(json.space()).append(value);
                object.append(json.space()).append(i > 1 ? "," : "");
                expected.put("ké" + i, JsonValue.parse(value));
            }
            object.append(json.space()).append('}').append(json.space());
            assertThat(members(object.toString()))
                    .as("seed %d", seed)
                    .containsExactlyEntriesOf(expected);
        }
    }

    @Test
    void elementsOfAnyArrayAreSlicesOfTheSource() {
        for (int seed = 0; seed < 20_000; seed++) {
            RandomJson json = new RandomJson(new Random(seed));
            List<String> expected = new ArrayList<>();
            StringBuilder array = new StringBuilder(json.space()).append('[');
            for (int i = Math.floorMod(seed, 5); i > 0; i--) {
                expected.add(json.value());
                array.append(json.space()).append(expected.get(expected.size() - 1));
                array.append(json.space()).append(i > 1 ? "," : "");
            }
            array.append(json.space()).append(']').append(json.space());
            assertThat(JsonValue.elements("body", UTF_8.encode(array.toString())))
                    .as("seed %d", seed)
                    .extracting(JsonValue::toString)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "1",
                "\"a\"",
                "[]",
                "{",
                "{\"a\":1",
                "{} {}",
                "{}]",
                "{\"a\" 1}"
            })
    void membersRefuseWhatIsNoObject(String json) {
        assertThatThrownBy(() -> members(json)).isInstanceOf(Refusal.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "1", "\"a\"", "{}", "[", "[1", "[] []", "[],", "[1 2]"})
    void elementsRefuseWhatIsNoArray(String json) {
        assertThatThrownBy(() -> JsonValue.elements("body", UTF_8.encode(json)))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void refusalSaysWhoseValueItIs() {
        assertThatThrownBy(() -> members("[]")).hasMessageStartingWith("body: ");
        assertThatThrownBy(() -> JsonValue.elements("batch", UTF_8.encode("{}")))
                .hasMessageStartingWith("batch: ");
    }

    @Test
    void aRefusalCountsFromTheBeginningOfItsPart() {
        assertThatThrownBy(() -> members("{\"a\":x}")).hasMessageStartingWith("not JSON at byte 5");
    }

    @Test
    void whatIsKeptTakesLittleAroundItAlong() {
        String data = "\"" + "x".repeat(998) + "\"";
        byte[] frame =
                ("{\"type\":\"publish\",\"channel\":\"a\",\"data\":" + data + "}").getBytes(UTF_8);
        JsonValue value = data(frame);
        assertThat(value.compact()).isSameAs(value).hasToString(data);
        assertThat(value.buffer().array()).isSameAs(frame);
        assertThat(value.utf8()).isEqualTo(data.getBytes(UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"10, 30", "200, 40", "1000, 150", "100000, 60000"})
    void whatIsKeptLeavesMuchAroundItBehind(int length, int around) {
        String data = "\"" + "x".repeat(length - 2) + "\"";
        String frame = "{\"other\":\"" + "y".repeat(around) + "\",\"data\":" + data + "}";
        JsonValue kept = data(frame.getBytes(UTF_8)).compact();
        assertThat(kept).hasToString(data);
        assertThat(kept.buffer().array()).hasSize(length);
    }

    @Test
    void whereItStandsMakesNoDifference() {
        JsonValue value = data("{\"other\":1,\"data\":\"a\\u0062\"}".getBytes(UTF_8));
        assertThat(value)
                .isEqualTo(JsonValue.parse("\"a\\u0062\""))
                .isNotEqualTo(data("{\"data\":1}".getBytes(UTF_8)));
        assertThat(value).hasSameHashCodeAs(JsonValue.parse("\"a\\u0062\""));
        assertThat(value.text()).isEqualTo("ab");
        assertThat(value.length()).isEqualTo(9);
        assertThat(value.isText()).isTrue();
        assertThat(value.isNull()).isFalse();
        assertThat(value.isObject()).isFalse();
        assertThat(data("{\"data\":{}}".getBytes(UTF_8)).isObject()).isTrue();
    }

    private static JsonValue data(byte[] frame) {
        return JsonValue.members("frame", ByteBuffer.wrap(frame)).get("data");
    }

    /** Read from among other bytes, which are no part of it. */
    private static Map<String, JsonValue> members(String json) {
        byte[] utf8 = json.getBytes(UTF_8);
        byte[] all = ("[{\"" + json + "1]}").getBytes(UTF_8);
        ByteBuffer part = ByteBuffer.wrap(all, 3, utf8.length);
        Map<String, JsonValue> members = JsonValue.members("body", part.slice());
        assertThat(JsonValue.members("body", part)).isEqualTo(members);
        return members;
    }
}
