package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.cli.SseParser.Event;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SseParserTest {
    private final SseParser parser = new SseParser();

    @Test
    void readsNamesDataAndIds() {
        assertThat(events(": a comment", "retry: 5", "id: 1", "data: a", "data:b", "data", "", ""))
                .containsExactly(new Event("message", "a\nb\n"));
        assertThat(parser.lastEventId()).isEqualTo("1");
        assertThat(events("event: note", "data:  two spaces", ""))
                .containsExactly(new Event("note", " two spaces"));
        assertThat(parser.lastEventId()).isEqualTo("1");
    }

    @Test
    void movesTheIdByABlockWithoutDataButNotByHalfABlock() {
        assertThat(events("event: lost", "id: 7", "")).isEmpty();
        assertThat(parser.lastEventId()).isEqualTo("7");
        assertThat(events("id: 8", "data: cut")).isEmpty();
        assertThat(parser.lastEventId()).isEqualTo("7");
    }

    @Test
    void waitsLongerEachTimeButNeverLongerThanTheBound() {
        Backoff backoff = new Backoff(new Random(1));
        long bound = Backoff.FIRST_MS;
        for (int i = 0; i < 100; i++) {
            assertThat(backoff.next(1_800)).isBetween(1_800L, 1_800 + bound);
            bound = Math.min(Backoff.LONGEST_MS, bound * 2);
        }
        backoff.reset();
        assertThat(backoff.next(0)).isBetween(0L, Backoff.FIRST_MS);
    }

    private List<Event> events(String... lines) {
        return java.util.Arrays.stream(lines).map(parser::line).flatMap(Optional::stream).toList();
    }
}
