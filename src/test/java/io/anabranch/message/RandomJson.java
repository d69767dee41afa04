package io.anabranch.message;

import java.util.List;
import java.util.Random;

/** Makes JSON texts as odd as RFC 8259 allows, without a JSON library. */
public final class RandomJson {
    private static final List<String> NUMBERS =
            List.of(
                    "0",
                    "-0",
                    "-0.0",
                    "1.50",
                    "1e400",
                    "1E+2",
                    "-1.0e-999",
                    "0.10000000000000000000000000000000001",
                    "123456789012345678901234567890123456789",
                    "9223372036854775808");
    private static final List<String> TEXTS =
            List.of(
                    "",
                    "a",
                    "\\n",
                    "\\r\\n",
                    "\\\\",
                    "\\\"",
                    "\\/",
                    "\\u0000",
                    "\\u2028",
                    "\\ud83d\\ude00",
                    "\\uD800",
                    "é",
                    "\u2028",
                    "\uFEFF",
                    "\uD83D\uDE00",
                    "{\\\"a\\\":[1]}",
                    "]},: ");
    private static final List<String> SPACES = List.of("", "", "", " ", "\n", "\r\n", "\t", "  ");

    private final Random random;

    public RandomJson(Random random) {
        this.random = random;
    }

    /** A value without white space around it. */
    public String value() {
        return value(4);
    }

    private String value(int depth) {
        int kind = random.nextInt(depth > 0 ? 9 : 6);
        return switch (kind) {
            case 0 -> "null";
            case 1 -> random.nextBoolean() ? "true" : "false";
            case 2, 3 -> number();
            case 4, 5 -> string();
            case 6 -> array(depth - 1);
            default -> object(depth - 1);
        };
    }

    String number() {
        return random.nextBoolean() ? pick(NUMBERS) : Integer.toString(random.nextInt());
    }

    String string() {
        StringBuilder text = new StringBuilder("\"");
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(pick(TEXTS));
        }
        return text.append('"').toString();
    }

    /** A string without half a character, which Jackson takes in values alone. */
    private String name() {
        return string().replace("\\uD800", "\\uFFFD");
    }

    String space() {
        return pick(SPACES);
    }

    private String array(int depth) {
        StringBuilder array = new StringBuilder("[").append(space());
        for (int i = random.nextInt(4); i > 0; i--) {
            array.append(value(depth)).append(space()).append(i > 1 ? "," : "").append(space());
        }
        return array.append(']').toString();
    }

    private String object(int depth) {
        StringBuilder object = new StringBuilder("{").append(space());
        for (int i = random.nextInt(4); i > 0; i--) {
            object.append(name()).append(space()).append(':').append(space());
            object.append(value(depth)).append(space()).append(i > 1 ? "," : "").append(space());
        }
        return object.append('}').toString();
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
