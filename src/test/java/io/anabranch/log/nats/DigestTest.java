package io.anabranch.log.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DigestTest {
    @Test
    void isReadAsItWasWritten() {
        Entry message = new Entry(8, 1_795_223_640_123L, 0, "s.message.chat:.lobby");
        Entry cut = new Entry(10, 1_795_223_640_124L, 7, "s.cut.chat:.lobby");
        for (List<Entry> entries : List.of(List.<Entry>of(), List.of(message, cut))) {
            Digest digest = new Digest("w", "k4x9", 7, 10, entries);
            assertThat(Digest.decoded(digest.encoded())).contains(digest);
        }
    }

    @Test
    void isNoneWhenItIsNotUnderstood() {
        for (String other :
                List.of(
                        "",
                        "2 w k4x9 7 10",
                        "1 w k4x9 7",
                        "1 w k4x9 7 ten",
                        "1 w k4x9 7 10\n8 1 0",
                        "1 w k4x9 7 10\n8 1 none s.message.a")) {
            assertThat(Digest.decoded(other.getBytes(UTF_8))).as(other).isEmpty();
        }
    }
}
