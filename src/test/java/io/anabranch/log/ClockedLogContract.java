package io.anabranch.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What an engine promises besides, whose time is that of the clock it is opened with. */
abstract class ClockedLogContract extends LogContract {
    @Test
    void messageHasTheTimeOfItsAppend() throws Exception {
        Log log = open();
        append(log, A, "1");
        long first = clock.get();
        clock.addAndGet(7);
        append(log, A, "2");
        assertThat(read(log, new Cursor.Earliest(), "*").messages())
                .extracting(Message::time)
                .containsExactly(first, first + 7);
    }

    @Test
    void keyIsForgottenAfterTheWindow() throws Exception {
        Log log = open();
        MessageId first = append(log, draft(A, "alice", "k"));
        clock.addAndGet(WINDOW - 1);
        assertThat(append(log, draft(A, "alice", "k"))).isEqualTo(first);
        clock.addAndGet(2);
        Appended later = get(log.append(draft(A, "alice", "k")));
        assertThat(later.repeated()).isFalse();
        clock.addAndGet(WINDOW - 1);
        assertThat(get(log.append(draft(A, "alice", "k"))))
                .isEqualTo(new Appended(later.id(), true));
    }

    @Test
    void removesWhatIsTooOldAndTellsTheGap() throws Exception {
        Log log = open(channel -> new Retention(10, channel.equals(A) ? 1_000 : 9_000, true));
        MessageId a1 = append(log, A, "1");
        MessageId b1 = append(log, B, "1");
        clock.addAndGet(600);
        MessageId a2 = append(log, A, "2");
        clock.addAndGet(600);
        enforceRetention(log);
        Page page = read(log, new Cursor.Earliest(), "*");
        assertThat(page.messages()).extracting(Message::id).containsExactly(b1, a2);
        assertThat(page.gaps()).containsExactly(new Page.Gap(A, a1));
        clock.addAndGet(100_000);
        enforceRetention(log);
        page = read(log, new Cursor.Earliest(), "*");
        assertThat(page.messages()).isEmpty();
        assertThat(page.gaps()).containsExactly(new Page.Gap(B, b1), new Page.Gap(A, a2));
        assertThat(page.cursor()).isEqualTo(log.head()).isEqualTo(a2);
        assertThat(append(log, A, "3").seq()).isGreaterThan(a2.seq());
    }

    @Test
    void fewChannelsReadLikeTheModelWhileMessagesAge() throws Exception {
        compareWithTheModel(50, 5, 12, ClockedLogContract::shortAge);
    }

    @Test
    void manyChannelsReadLikeTheModelWhileMessagesAge() throws Exception {
        compareWithTheModel(20, 400, 3, ClockedLogContract::shortAge);
    }

    /** In ms: a run of the model takes some ten thousand. */
    private static long shortAge(int seed) {
        return 500 + new Random(seed).nextInt(20_000);
    }
}
