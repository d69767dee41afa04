package io.anabranch.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.MessageId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** For how long a page may stand for a read. */
class SharedPageTest {
    private static final MessageId HEAD = new MessageId("k4x9", 1_000);

    @Test
    void whatReachedTheEndIsCurrentUntilSomethingComes() {
        SharedPage page = page(Query.HEAD, 0, HEAD, false);
        assertThat(page.isCurrent(HEAD)).isTrue();
        assertThat(page.isCurrent(HEAD.at(1_001))).isFalse();
    }

    @Test
    void whatIsCompleteBeforeTheEndStaysCurrent() {
        SharedPage page = page(Query.HEAD, 0, HEAD.at(500), true);
        assertThat(page.isCurrent(HEAD.at(2_000))).isTrue();
    }

    @Test
    void whatEndsWhereItWasAskedToStaysCurrent() {
        assertThat(page(1_000, 0, HEAD, false).isCurrent(HEAD.at(2_000))).isTrue();
        assertThat(page(1_000, 1, HEAD, false).isCurrent(HEAD.at(2_000))).isTrue();
    }

    @Test
    void theNewestOfEachChannelAreCurrentUntilSomethingComes() {
        SharedPage page = page(Query.HEAD, 1, HEAD.at(500), true);
        assertThat(page.isCurrent(HEAD)).isTrue();
        assertThat(page.isCurrent(HEAD.at(1_001))).isFalse();
    }

    @Test
    void nothingIsCurrentInAnotherEpoch() {
        MessageId other = new MessageId("abcd", 1_000);
        assertThat(page(Query.HEAD, 0, HEAD.at(500), true).isCurrent(other)).isFalse();
        assertThat(page(Query.HEAD, 0, other.at(500), true).isCurrent(HEAD)).isFalse();
        assertThat(page(Query.HEAD, 0, other.at(500), true).isCurrent(other)).isFalse();
    }

    private static SharedPage page(long upTo, int newest, MessageId complete, boolean more) {
        Query query =
                new Query(
                        List.of(new ChannelPattern("a")),
                        new Cursor.Earliest(),
                        upTo,
                        newest,
                        256,
                        Fanout.WRITE_BYTES);
        return new SharedPage(query, HEAD, new Page(List.of(), List.of(), false, complete, more));
    }
}
