package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Autobahn's cases for WebSocket servers (RFC 6455). The quick ones by default; {@code
 * -Danabranch.autobahn=all} adds the large messages of section 9, which take minutes.
 */
@Tag("long")
class AutobahnTest {
    private static final boolean ALL = "all".equals(System.getProperty("anabranch.autobahn"));
    private static final int CASES = ALL ? 301 : 247;

    /** The largest message of section 9. */
    private static final int MAX_BYTES = 16 << 20;

    /**
     * Answered as they must be, but not before the frame has all come: the hub reads a frame, which
     * {@code limits.frame} bounds, as a whole.
     */
    private static final List<String> REFUSED_WITH_THE_WHOLE_FRAME = List.of("6.4.3", "6.4.4");

    @Test
    void noCaseFails() throws Exception {
        JsonObject cases;
        try (EchoServer server = new EchoServer(MAX_BYTES)) {
            String uri = "ws://127.0.0.1:" + server.port();
            cases = Autobahn.run(uri, "*", ALL ? "" : "9.*");
            String unexpected = unexpected(cases);
            if (!unexpected.isEmpty()) {
                cases.mergeIn(Autobahn.run(uri, unexpected, ""));
            }
        }

        assertThat(cases.size()).isEqualTo(CASES);
        assertThat(by("behaviorClose", cases)).doesNotContainKeys("FAILED", "WRONG CODE");
        Map<String, List<String>> by = by("behavior", cases);
        assertThat(by).containsOnlyKeys("OK", "NON-STRICT", "INFORMATIONAL");
        assertThat(by.get("NON-STRICT"))
                .containsExactlyInAnyOrderElementsOf(REFUSED_WITH_THE_WHOLE_FRAME);
    }

    /** Autobahn waits a second or three for an answer, which a busy machine may not have: again. */
    private static String unexpected(JsonObject cases) {
        Map<String, List<String>> by = by("behavior", cases);
        List<String> unexpected = new ArrayList<>();
        by.getOrDefault("NON-STRICT", List.of()).stream()
                .filter(name -> !REFUSED_WITH_THE_WHOLE_FRAME.contains(name))
                .forEach(unexpected::add);
        unexpected.addAll(by.getOrDefault("FAILED", List.of()));
        return String.join(",", unexpected);
    }

    private static Map<String, List<String>> by(String field, JsonObject cases) {
        Map<String, List<String>> by = new TreeMap<>();
        for (String name : cases.fieldNames()) {
            String outcome = cases.getJsonObject(name).getString(field);
            by.computeIfAbsent(outcome, unused -> new ArrayList<>()).add(name);
        }
        return by;
    }
}
