package io.anabranch.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** One run of random steps on a log, each compared with a {@link LogModel} of it. */
final class LogRun {
    private final String seed;
    private final Random random;
    private final int channels;
    private final AtomicLong clock;
    private final Log log;
    private final Runnable enforceRetention;
    private final LogModel model;
    private final BlockingQueue<Message> tail = new LinkedBlockingQueue<>();

    /**
     * @param channels among how many names the steps choose
     * @param enforceRetention removes at once what retention would remove in time
     */
    LogRun(
            int seed,
            int channels,
            AtomicLong clock,
            Function<Channel, Retention> retention,
            Log log,
            Runnable enforceRetention) {
        this.seed = "seed " + seed + ", " + channels + " channels";
        this.random = new Random(seed);
        this.channels = channels;
        this.clock = clock;
        this.log = log;
        this.enforceRetention = enforceRetention;
        this.model = new LogModel(retention);
        log.tail(tail::add);
    }

    void steps(int howMany) throws Exception {
        for (int i = 0; i < howMany; i++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> append(1 + random.nextInt(8));
                case 3 -> clock.addAndGet(random.nextInt(400));
                case 4 -> readNewest();
                case 5 -> readWhileOthersAppend();
                default -> readAll();
            }
        }
    }

    /** Up to {@code howMany} messages, and what retention makes of them. */
    private void append(int howMany) throws Exception {
        for (int i = 0; i < howMany; i++) {
            Channel channel = channel();
            JsonValue data = JsonValue.ofText("x".repeat(random.nextInt(60)));
            MessageId prev = model.newest(channel).map(Message::id).orElse(null);
            MessageId id = LogContract.append(log, new Draft(channel, "", data, null, null));
            Message message = tail.poll(5, TimeUnit.SECONDS);
            assertThat(message).as(seed).isNotNull();
            assertThat(message.id()).as(seed).isEqualTo(id);
            assertThat(message.prev()).as(seed).isEqualTo(prev);
            assertThat(message.channel()).as(seed).isEqualTo(channel);
            assertThat(message.data()).as(seed).isEqualTo(data);
            assertThat(id.seq()).as(seed).isGreaterThan(model.head());
            model.add(message);
            clock.addAndGet(random.nextInt(3));
        }
        retain();
    }

    private void retain() {
        enforceRetention.run();
        model.retain(clock.get());
    }

    private void readAll() throws Exception {
        retain();
        List<ChannelPattern> patterns = patterns();
        long after = place();
        long upTo = random.nextInt(3) == 0 ? place() : Query.HEAD;
        long end = Math.max(after, Math.min(upTo, model.head()));
        Read read = new Read(patterns, after);
        while (read.more) {
            read.page(upTo);
        }
        assertThat(read.messages).as(seed).isEqualTo(model.held(patterns, after, end));
        assertThat(read.gaps).as(seed).isEqualTo(model.gaps(patterns, after, end));
        Extent extent = LogContract.get(log.extent(query(patterns, cursor(after), upTo, 0, 1, 1)));
        assertThat(extent.messages()).as(seed).isEqualTo(read.messages.size());
        // A loss that goes on behind upTo is told by the read that comes to its end.
        if (model.gaps(patterns, end, Query.HEAD).isEmpty()) {
            assertThat(extent.complete()).as(seed).isEqualTo(read.gaps.isEmpty());
        }
    }

    private void readNewest() throws Exception {
        retain();
        List<ChannelPattern> patterns = patterns();
        int last = 1 + random.nextInt(4);
        long start = random.nextBoolean() ? 0 : place();
        long upTo = random.nextBoolean() ? place() : model.head();
        List<Message> messages = new ArrayList<>();
        Cursor after = cursor(start);
        boolean more = true;
        while (more) {
            int limit = 1 + random.nextInt(10);
            Page page = LogContract.get(log.read(query(patterns, after, upTo, last, limit, 1000)));
            messages.addAll(page.messages());
            assertThat(page.gaps()).as(seed).isEmpty();
            after = new Cursor.After(page.cursor());
            more = page.more();
        }
        long end = Math.max(start, upTo);
        List<Message> expected = model.newestHeld(patterns, start, end, last);
        assertThat(messages).as(seed).isEqualTo(expected);
        Extent extent =
                LogContract.get(log.extent(query(patterns, cursor(start), upTo, last, 1, 1)));
        assertThat(extent).as(seed).isEqualTo(new Extent(expected.size(), true));
    }

    private void readWhileOthersAppend() throws Exception {
        retain();
        List<ChannelPattern> patterns = patterns();
        long after = place();
        Read read = new Read(patterns, after);
        for (int page = 0; read.more; page++) {
            read.page(Query.HEAD);
            if (page < 20 && random.nextBoolean()) {
                append(random.nextInt(10));
                read.more = true;
            }
        }
        read.checkThatEachMessageWasReadOrReportedLost(after);
    }

    /** Reads page after page, and compares each with the model as it is at that moment. */
    private final class Read {
        final List<ChannelPattern> patterns;
        final List<Message> messages = new ArrayList<>();
        final List<Page.Gap> gaps = new ArrayList<>();
        Cursor after;
        long seq;
        boolean more = true;

        Read(List<ChannelPattern> patterns, long after) {
            this.patterns = patterns;
            this.after = cursor(after);
            this.seq = after;
        }

        void page(long upTo) throws Exception {
            int maxMessages = 1 + random.nextInt(random.nextBoolean() ? 5 : 100);
            int maxBytes = 1 + random.nextInt(random.nextBoolean() ? 600 : 1_000_000);
            Query query = query(patterns, after, upTo, 0, maxMessages, maxBytes);
            Page page = LogContract.get(log.read(query));
            long end = page.cursor().seq();
            assertThat(page.messages()).as(seed).isEqualTo(model.held(patterns, seq, end));
            assertThat(page.gaps()).as(seed).isEqualTo(model.gaps(patterns, seq, end));
            assertThat(page.reset()).as(seed).isFalse();
            assertThat(page.messages()).as(seed).hasSizeLessThanOrEqualTo(maxMessages);
            int butLast = page.messages().stream().mapToInt(Message::size).sum();
            if (!page.messages().isEmpty()) {
                butLast -= page.messages().get(page.messages().size() - 1).size();
                assertThat(butLast).as(seed).isLessThan(maxBytes);
            }
            if (page.more()) {
                assertThat(end).as(seed).isGreaterThan(seq);
            } else {
                long all = Math.max(seq, Math.min(upTo, model.head()));
                assertThat(end).as(seed).isEqualTo(all);
            }
            messages.addAll(page.messages());
            gaps.addAll(page.gaps());
            after = new Cursor.After(page.cursor());
            seq = end;
            more = page.more();
        }

        void checkThatEachMessageWasReadOrReportedLost(long start) {
            Set<MessageId> got = new HashSet<>();
            messages.forEach(m -> assertThat(got.add(m.id())).as(seed + ": twice").isTrue());
            Map<Channel, Long> lostUpTo = new HashMap<>();
            gaps.forEach(gap -> lostUpTo.put(gap.channel(), gap.resumed().seq()));
            for (Message message : model.ever()) {
                if (message.id().seq() > start
                        && LogModel.matches(patterns, message.channel())
                        && !got.contains(message.id())) {
                    assertThat(lostUpTo.getOrDefault(message.channel(), 0L))
                            .as("%s: %s was lost in silence", seed, message.id())
                            .isGreaterThanOrEqualTo(message.id().seq());
                }
            }
            for (Page.Gap gap : gaps) {
                assertThat(got)
                        .as(seed + ": a gap for what was read")
                        .doesNotContain(gap.resumed());
            }
        }
    }

    private Query query(
            List<ChannelPattern> patterns,
            Cursor after,
            long upTo,
            int last,
            int maxMessages,
            int maxBytes) {
        return new Query(patterns, after, upTo, last, maxMessages, maxBytes);
    }

    private Cursor cursor(long seq) {
        return seq == 0 && random.nextBoolean()
                ? new Cursor.Earliest()
                : new Cursor.After(log.head().at(seq));
    }

    /** The start, the head, or any message's place; more often a late one. */
    private long place() {
        int size = model.ever().size();
        if (size == 0 || random.nextInt(6) == 0) {
            return random.nextBoolean() ? 0 : model.head();
        }
        int from = random.nextBoolean() ? Math.max(0, size - 20) : 0;
        return model.ever().get(from + random.nextInt(size - from)).id().seq();
    }

    private Channel channel() {
        int i = random.nextInt(channels);
        return new Channel("abc".charAt(i % 3) + ":" + i / 3);
    }

    private List<ChannelPattern> patterns() {
        List<ChannelPattern> patterns = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            String name = channel().name();
            patterns.add(
                    switch (random.nextInt(4)) {
                        case 0 -> new ChannelPattern("*");
                        case 1 -> new ChannelPattern(name.substring(0, 2) + "*");
                        case 2 -> new ChannelPattern(name + "*");
                        default -> new ChannelPattern(name);
                    });
        }
        return patterns;
    }
}
