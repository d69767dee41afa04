package io.anabranch.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
            assertThat(JsonValue.elements("body", array.toString().getBytes(UTF_8)))
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
        assertThatThrownBy(() -> JsonValue.elements("body", json.getBytes(UTF_8)))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void refusalSaysWhoseValueItIs() {
        assertThatThrownBy(() -> members("[]")).hasMessageStartingWith("body: ");
        assertThatThrownBy(() -> JsonValue.elements("batch", "{}".getBytes(UTF_8)))
                .hasMessageStartingWith("batch: ");
    }

    private static Map<String, JsonValue> members(String json) {
        return JsonValue.members("body", json.getBytes(UTF_8));
    }
}
