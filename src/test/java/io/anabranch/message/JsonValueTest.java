package io.anabranch.message;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValueTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "false",
                "0",
                "-0",
                "1.50",
                "1e400",
                "-1E-400",
                "123456789012345678901234567890123456789012345678901234567890",
                "\"\"",
                "\"hi\"",
                "\"gr\u00fc\u00dfe \u2028 \uD83D\uDE00\"",
                "\"\\u00e9\\ud83d\\ude00\\/\\b\"",
                "\"\\ud800 alone\"",
                "[]",
                "{}",
                "[ 1 , [ ] ,\n{ } ]",
                "{\"b\":1,\"a\":2,\"b\":3}",
                "{\"\":{\"\":[\"\"]}}"
            })
    void keepsAValueAsItWasSent(String json) {
        JsonValue value = JsonValue.parse(json);
        assertThat(value.utf8()).isEqualTo(json.getBytes(UTF_8));
        assertThat(value).hasToString(json).isEqualTo(JsonValue.parse(json.getBytes(UTF_8)));
    }

    @Test
    void keepsAnyValueAndDropsTheSpaceAroundIt() {
        for (int seed = 0; seed < 20_000; seed++) {
            RandomJson json = new RandomJson(new Random(seed));
            String value = json.value();
            assertThat(JsonValue.parse(json.space() + value + json.space()))
                    .as("seed %d", seed)
                    .hasToString(value);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "NaN",
                "Infinity",
                "+1",
                "01",
                ".5",
                "1.",
                "0x10",
                "'a'",
                "\"a",
                "\"a\nb\"",
                "\"a\u0000b\"",
                "\"\\x\"",
                "\"\\u12\"",
                "[",
                "]",
                "[1",
                "[1,]",
                "[,1]",
                "[1}",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{\"a\":1]",
                "/**/1",
                "1//",
                "\u0000",
                "\uFEFF"
            })
    void refusesWhatIsNoJson(String json) {
        assertThatThrownBy(() -> JsonValue.parse(json)).isInstanceOf(Refusal.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1 2", "{} {}", "null,", "[]]", "\"a\"\"b\"", "1\n2", "true false", "{}x"})
    void refusesSeveralValues(String json) {
        assertThatThrownBy(() -> JsonValue.parse(json)).isInstanceOf(Refusal.class);
    }

    @Test
    void refusalSaysWhere() {
        assertThatThrownBy(() -> JsonValue.parse("{\"a\":x}"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("byte 5");
        assertThatThrownBy(() -> JsonValue.parse("[1] [2]"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("byte 4");
    }

    @Test
    void refusesBytesThatAreNotUtf8() {
        int[][] invalid = {
            {0x80},
            {0xC0, 0xAF},
            {0xC3},
            {0xE0, 0x80, 0x80},
            {0xED, 0xA0, 0x80}, // a surrogate
            {0xF4, 0x90, 0x80, 0x80},
            {0xF8, 0x88, 0x80, 0x80, 0x80},
            {0xFE},
            {0xFF}
        };
        for (int[] bytes : invalid) {
            byte[] json = new byte[bytes.length + 2];
            json[0] = '"';
            for (int i = 0; i < bytes.length; i++) {
                json[i + 1] = (byte) bytes[i];
            }
            json[json.length - 1] = '"';
            assertThatThrownBy(() -> JsonValue.parse(json))
                    .as("%02x", bytes[0])
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("UTF-8");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "\"a\"", "{\"a\":1}", "[1]", "null"})
    void refusesOtherEncodingsOfUnicode(String json) {
        for (Charset charset :
                new Charset[] {
                    UTF_16BE, UTF_16LE, Charset.forName("UTF-32BE"), Charset.forName("UTF-32LE")
                }) {
            byte[] bytes = json.getBytes(charset);
            assertThatThrownBy(() -> JsonValue.parse(bytes))
                    .as(charset.name())
                    .isInstanceOf(Refusal.class);
            assertThatThrownBy(() -> JsonValue.members("body", ByteBuffer.wrap(bytes)))
                    .isInstanceOf(Refusal.class);
            assertThatThrownBy(() -> JsonValue.elements("body", ByteBuffer.wrap(bytes)))
                    .isInstanceOf(Refusal.class);
        }
    }

    @Test
    void refusesADepthBomb() {
        int depth = 1_000_000;
        String arrays = "[".repeat(depth) + "]".repeat(depth);
        String objects = "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
        assertThatThrownBy(() -> JsonValue.parse(arrays)).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> JsonValue.parse(objects)).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> JsonValue.members("body", UTF_8.encode("{\"a\":" + arrays + "}")))
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> JsonValue.elements("body", UTF_8.encode(arrays)))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void takesWhatPeopleNest() {
        String json = "[".repeat(500) + "]".repeat(500);
        assertThat(JsonValue.parse(json)).hasToString(json);
    }

    @Test
    void neverFailsButWithARefusal() {
        for (int seed = 0; seed < 50_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new RandomJson(random).value().getBytes(UTF_8);
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] =
                        (byte)
                                (random.nextBoolean()
                                        ? random.nextInt()
                                        : "[]{}\",:0 ".charAt(random.nextInt(9)));
            }
            for (int from : new int[] {0, random.nextInt(bytes.length)}) {
                byte[] part = java.util.Arrays.copyOfRange(bytes, from, bytes.length);
                for (Runnable parse :
                        new Runnable[] {
                            () -> JsonValue.parse(part),
                            () -> JsonValue.members("body", ByteBuffer.wrap(part)),
                            () -> JsonValue.elements("body", ByteBuffer.wrap(part))
                        }) {
                    Throwable failure = catchThrowable(parse::run);
                    if (failure != null) {
                        assertThat(failure).as("seed %d", seed).isInstanceOf(Refusal.class);
                    }
                }
            }
        }
    }

    @Test
    void textIsTheStringUnescaped() {
        assertThat(JsonValue.parse("\"plain é\"").text()).isEqualTo("plain é");
        assertThat(JsonValue.parse("\"a\\n\\u00e9\\\\\\\"\\ud83d\\ude00\"").text())
                .isEqualTo("a\né\\\"\uD83D\uDE00");
        assertThat(JsonValue.parse("\"\"").text()).isEmpty();
    }

    @Test
    void textReplacesHalfCharacters() {
        assertThat(JsonValue.parse("\"a\\ud800b\"").text()).isEqualTo("a\uFFFDb");
        assertThat(JsonValue.parse("\"\\ude00\\ud83d\"").text()).isEqualTo("\uFFFD\uFFFD");
    }

    @Test
    void knowsTextAndNull() {
        assertThat(JsonValue.parse(" \"a\"").isText()).isTrue();
        assertThat(JsonValue.parse("\n null").isNull()).isTrue();
        assertThat(JsonValue.parse("\"null\"").isNull()).isFalse();
        assertThat(JsonValue.parse("{\"a\":\"b\"}").isText()).isFalse();
        assertThatThrownBy(() -> JsonValue.parse("1").text())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void ofTextReadsBackAsTheSameText() {
        for (int seed = 0; seed < 20_000; seed++) {
            String text = text(new Random(seed));
            JsonValue value = JsonValue.ofText(text);
            assertThat(value.text()).as("seed %d", seed).isEqualTo(text);
            assertThat(JsonValue.parse(value.toString())).as("seed %d", seed).isEqualTo(value);
        }
    }

    @Test
    void ofTextReplacesHalfCharacters() {
        assertThat(JsonValue.ofText("a\uD800b").text()).isEqualTo("a\uFFFDb");
        assertThat(JsonValue.ofText("\uDE00\uD83D").text()).isEqualTo("\uFFFD\uFFFD");
        assertThat(JsonValue.ofText("\uD83D").text()).isEqualTo("\uFFFD");
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            int limit = random.nextBoolean() ? 0x80 : random.nextBoolean() ? 0x3000 : 0x110000;
            int c = random.nextInt(limit);
            text.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? '"' : c);
        }
        return text.toString();
    }
}
