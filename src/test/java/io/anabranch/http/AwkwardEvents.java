package io.anabranch.http;

import io.anabranch.http.SseConformanceTest.Case;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Events that parsers of event streams have got wrong, or that look as if they could. */
final class AwkwardEvents {
    private static final int MOST_BYTES = 64 * 1024;

    /** The insides of JSON strings. */
    private static final List<String> TEXTS =
            List.of(
                    "",
                    "a",
                    "\\n",
                    "\\r",
                    "\\r\\n",
                    "\\n\\n",
                    "\\r\\r",
                    "\\n\\r",
                    "\\r\\n\\r\\n",
                    "a\\nb",
                    "a\\rb",
                    "a\\r\\nb",
                    "\\na",
                    "a\\n",
                    "a\\r",
                    "a\\r\\n",
                    " a",
                    "  a\\n  b",
                    "a ",
                    ":",
                    ": a\\n:b",
                    "data: a\\ndata\\nevent: b",
                    "id: 1\\nevent: x\\nretry: 1",
                    "a\\n\\nid: k4x9-1\\ndata: b\\n\\n",
                    "\\uFEFFa",
                    "\uFEFF\\n\uFEFF",
                    "a\u2028b\u2029c",
                    "\\u0085\\u000b\\u000c\\u001c",
                    "\\u0000",
                    "a\\u0000b\\n\\u0000",
                    "\\t \\u007f\\u009f",
                    "\uD83D\uDE00",
                    "\\ud83d\\ude00\\ud83d\\ude00",
                    "\uD83D\uDC69\u200D\uD83D\uDC67 e\u0301 \u202Eabc",
                    "\\ud800",
                    "a\\udc00b\\ude00\\ud83d",
                    "x".repeat(MOST_BYTES - 2),
                    "é".repeat(MOST_BYTES / 2 - 1),
                    "\\n".repeat(MOST_BYTES / 2 - 1),
                    "line\\r\\n".repeat(1_000));

    private static final List<String> VALUES =
            List.of(
                    "null",
                    "-0.0",
                    "1e400",
                    "{\"a\":\r\n1,\r\"b\":\n[ ]\t}",
                    "[\"\\r\\n\",\"\uD83D\uDE00\",\"\\ud83d\"]");

    private static final List<String> NAMES =
            List.of(
                    "with spaces",
                    " ",
                    "  led by two",
                    "trailing ",
                    ":",
                    "a: b",
                    "data",
                    "\uFEFFbom",
                    "\u00fcn\u00efcode \uD83D\uDE00",
                    "open",
                    "error",
                    "Message",
                    "n".repeat(255));

    private AwkwardEvents() {}

    static List<Case> all() {
        List<Case> all = new ArrayList<>();
        TEXTS.forEach(text -> all.add(new Case('"' + text + '"')));
        VALUES.forEach(value -> all.add(new Case(value)));
        NAMES.forEach(name -> all.add(new Case(name, "\"a\"")));
        return all;
    }

    static String name(Random random) {
        return random.nextInt(3) > 0 ? "message" : NAMES.get(random.nextInt(NAMES.size()));
    }
}
