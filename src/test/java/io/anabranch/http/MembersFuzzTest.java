package io.anabranch.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.JsonValue;
import io.anabranch.message.RandomJson;
import io.anabranch.message.Refusal;
import io.anabranch.testing.Fuzz;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames out of any bytes, beside another JSON parser. */
class MembersFuzzTest {
    private static final List<String> NAMES = List.of("type", "ref", "channel", "last", "data");
    private static final byte[][] PIECES =
            Arrays.stream(
                            new String[] {
                                "\"",
                                "\\",
                                "{",
                                "}",
                                "[",
                                "]",
                                ",",
                                ":",
                                "null",
                                "-",
                                "0",
                                "1e9",
                                "9999999999",
                                "\\ud800",
                                "\r",
                                "\n",
                                "\t",
                                " ",
                                "\u0000",
                                "\uFEFF",
                                "\u00e9",
                                "[[[[[[[[[[",
                                "/*",
                                "NaN",
                                "'",
                                "\"ref\":1,"
                            })
                    .map(piece -> piece.getBytes(UTF_8))
                    .toArray(byte[][]::new);

    @Test
    void readsAFrameOrRefusesIt() {
        Fuzz.run(
                20_000,
                random -> {
                    byte[] bytes = Fuzz.mutate(random, frame(random).getBytes(UTF_8), PIECES);
                    Members members;
                    try {
                        members = Members.parse("frame", bytes);
                    } catch (Refusal expected) {
                        assertThat(expected.status()).isEqualTo(400);
                        return;
                    }
                    assertThatNamesAreReadOrRefused(members);
                    JsonObject other = new JsonObject(new String(bytes, UTF_8));
                    for (String name : other.fieldNames()) {
                        assertThatIsSame(members.value(name), other.getValue(name));
                    }
                });
    }

    @Test
    void readsAValueAsItWasWritten() {
        Fuzz.run(
                20_000,
                random -> {
                    String written = new RandomJson(random).value();
                    String spaced = space(random) + written + space(random);
                    assertThat(JsonValue.parse(spaced)).hasToString(written);
                    byte[] array = ("[" + spaced + "," + spaced + "]").getBytes(UTF_8);
                    assertThat(JsonValue.elements("array", ByteBuffer.wrap(array)))
                            .allMatch(element -> element.toString().equals(written));
                });
    }

    private static void assertThatNamesAreReadOrRefused(Members members) {
        for (String name : NAMES) {
            try {
                members.text(name);
                members.integer(name, 0, 0, 1_000);
                members.ref();
            } catch (Refusal expected) {
                assertThat(expected.status()).isEqualTo(400);
            }
        }
    }

    private static void assertThatIsSame(JsonValue ours, Object theirs) {
        assertThat(ours.isText()).isEqualTo(theirs instanceof String);
        assertThat(ours.isNull()).isEqualTo(theirs == null);
        if (!ours.isText()) {
            Object again = Json.decodeValue(ours.toString());
            assertThat(Json.encode(again)).isEqualTo(Json.encode(theirs));
        }
    }

    private static String frame(Random random) {
        RandomJson json = new RandomJson(random);
        StringBuilder frame = new StringBuilder("{");
        for (String name : NAMES) {
            if (random.nextBoolean()) {
                frame.append(frame.length() > 1 ? "," : "").append(space(random));
                frame.append('"').append(name).append("\":").append(space(random));
                frame.append(json.value()).append(space(random));
            }
        }
        return frame.append('}').toString();
    }

    private static String space(Random random) {
        return List.of("", "", " ", "\n", "\r\n", "\r", "\t \r").get(random.nextInt(7));
    }
}
