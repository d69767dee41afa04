package io.anabranch.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Channel;
import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class MemoryLogTest extends ClockedLogContract {
    @Override
    Log open(Function<Channel, Retention> retention, long dedupMs, LongSupplier clock) {
        return new MemoryLog(retention, dedupMs, clock::getAsLong);
    }

    @Override
    void enforceRetention(Log log) {
        ((MemoryLog) log).expire();
    }

    @Test
    void everyLogIsAnEpochOfItsOwn() throws Exception {
        assertThat(open().head().epoch()).isNotEqualTo(open().head().epoch());
    }

    @Test
    void expiresMoreChannelsThanOneStepLooksAt() throws Exception {
        MemoryLog log =
                new MemoryLog(channel -> new Retention(1, -1, false), WINDOW, () -> 1_000_000);
        for (int i = 0; i < 3_500; i++) {
            append(log, new Channel("c:" + i), "x");
        }
        log.expire();
        assertThat(read(log, new Cursor.Earliest(), "*").messages()).isEmpty();
        assertThat(extent(log, new Cursor.Earliest(), "*").messages()).isZero();
    }

    @Test
    void keepsNothingWhereNothingIsToBeKept() throws Exception {
        Log log = open(channel -> new Retention(0, 3_600_000, false));
        List<Message> tail = new ArrayList<>();
        log.tail(tail::add);
        append(log, new Channel("a"), "1");
        append(log, new Channel("a"), "2");
        assertThat(tail).hasSize(2);
        Page page = read(log, new Cursor.Earliest(), "*");
        assertThat(page.messages()).isEmpty();
        assertThat(page.gaps()).containsExactly(new Page.Gap(new Channel("a"), log.head()));
    }

    /** So many channels that a read walks through the messages, which it does in bounded pages. */
    @Test
    void readsMoreChannelsThanMessagesInBoundedPages() throws Exception {
        Log log = open();
        int channels = 20_000;
        for (int i = 0; i < channels; i++) {
            append(log, new Channel((i % 100 == 0 ? "b:" : "a:") + i), "x");
        }
        List<Message> read = new ArrayList<>();
        Cursor after = after(log.head().at(1));
        int pages = 0;
        boolean more = true;
        while (more) {
            Query query = new Query(patterns("a:*", "c"), after, Query.HEAD, 0, 100_000, 100 << 20);
            Page page = get(log.read(query));
            read.addAll(page.messages());
            after = after(page.cursor());
            more = page.more();
            pages++;
        }
        assertThat(read).hasSize(channels - channels / 100);
        assertThat(read.stream().map(m -> m.id().seq()).toList()).isSorted();
        assertThat(pages).isBetween(1, 4);
    }
}
