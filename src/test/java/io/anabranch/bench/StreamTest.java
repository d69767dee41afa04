package io.anabranch.bench;

import static io.anabranch.bench.Stream.Arrival.LATE;
import static io.anabranch.bench.Stream.Arrival.NEXT;
import static io.anabranch.bench.Stream.Arrival.REPEATED;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamTest {
    private final Stream stream = new Stream();

    @Test
    void takesNumbersThatRise() {
        assertThat(stream.take(0)).isEqualTo(NEXT);
        assertThat(stream.take(1)).isEqualTo(NEXT);
        assertThat(stream.take(200)).isEqualTo(NEXT);
        assertThat(stream.distinct()).isEqualTo(3);
    }

    @Test
    void knowsALateOneFromARepeatedOne() {
        stream.take(0);
        stream.take(3);

        assertThat(stream.take(3)).isEqualTo(REPEATED);
        assertThat(stream.take(1)).isEqualTo(LATE);
        assertThat(stream.take(1)).isEqualTo(REPEATED);
        assertThat(stream.take(0)).isEqualTo(REPEATED);
        assertThat(stream.take(2)).isEqualTo(LATE);
        assertThat(stream.take(4)).isEqualTo(NEXT);
        assertThat(stream.distinct()).isEqualTo(5);
    }

    @Test
    void countsWhatIsVeryLateAsRepeated() {
        stream.take(64);

        assertThat(stream.take(1)).isEqualTo(LATE);
        assertThat(stream.take(0)).isEqualTo(REPEATED);
        assertThat(stream.distinct()).isEqualTo(2);
    }
}
