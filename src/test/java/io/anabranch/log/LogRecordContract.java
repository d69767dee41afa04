package io.anabranch.log;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every engine of the log promises. A test of an engine extends it and says how to open one.
 */
abstract class LogRecordContract {
    static final long WINDOW = 60_000;
    static final Channel A = new Channel("chat:a");
    static final Channel B = new Channel("chat:b");
    private static final Channel T = new Channel("ticker:x");
    private static final Retention KEEP = new Retention(1000, 3_600_000, true);

    final AtomicLong clock = new AtomicLong(1_795_223_640_000L);
    private final List<Log> opened = new ArrayList<>();

    /** A new and empty log; one that cannot be told the time may ignore {@code clock}. */
    abstract Log open(Function<Channel, Retention> retention, long dedupMs, LongSupplier clock)
            throws Exception;

    /** Removes at once all that retention would remove in time. */
    abstract void enforceRetention(Log log);

    @AfterEach
    void closeLogs() throws Exception {
        for (Log log : opened) {
            get(log.close());
        }
    }

    @Test
    void isEmptyAtFirst() throws Exception {
        Log log = open();
        assertThat(log.head().seq()).isZero();
        assertThat(log.head().epoch()).matches("[a-z0-9]{4,8}");
        Page page = read(log, new Cursor.Earliest(), "*");
        assertThat(page).isEqualTo(new Page(List.of(), List.of(), false, log.head(), false));
        assertThat(extent(log, new Cursor.Earliest(), "*")).isEqualTo(new Extent(0, true));
    }

    @Test
    void idsRiseOverAllChannels() throws Exception {
        Log log = open();
        List<MessageId> ids = new ArrayList<>();
        for (Channel channel : List.of(A, B, A, T, B)) {
            ids.add(append(log, channel, "x"));
            assertThat(log.head()).isEqualTo(ids.get(ids.size() - 1));
        }
        assertThat(ids).extracting(MessageId::epoch).containsOnly(log.head().epoch());
        assertThat(ids.stream().map(MessageId::seq).toList()).isSorted().doesNotHaveDuplicates();
        assertThat(ids.get(0).seq()).isPositive();
    }

    @Test
    void prevIsTheMessageBeforeOnTheSameChannel() throws Exception {
        Log log = open();
        MessageId a1 = append(log, A, "1");
        MessageId b1 = append(log, B, "1");
        MessageId a2 = append(log, A, "2");
        append(log, A, "3");
        append(log, B, "2");
        assertThat(read(log, new Cursor.Earliest(), "*").messages())
                .extracting(Message::prev)
                .containsExactly(null, null, a1, a2, b1);
    }

    @Test
    void prevIsKnownWhenItsMessageIsGone() throws Exception {
        Log log = open(channel -> new Retention(1, 3_600_000, true));
        append(log, A, "1");
        MessageId second = append(log, A, "2");
        append(log, A, "3");
        enforceRetention(log);
        Message left = read(log, new Cursor.Earliest(), "*").messages().get(0);
        assertThat(left.prev()).isEqualTo(second);
    }

    @Test
    void namesItsChannelsInPages() throws Exception {
        Log log = open();
        assertThat(get(log.channels("", "", 10))).isEmpty();
        MessageId t1 = append(log, T, "1");
        append(log, B, "1");
        append(log, A, "1");
        MessageId b2 = append(log, B, "2");
        MessageId a2 = append(log, A, "2");
        MessageId chat = append(log, new Channel("chat"), "1");

        ChannelSummary ofA = new ChannelSummary(A, a2, 2);
        ChannelSummary ofB = new ChannelSummary(B, b2, 2);
        ChannelSummary ofChat = new ChannelSummary(new Channel("chat"), chat, 1);
        ChannelSummary ofT = new ChannelSummary(T, t1, 1);
        assertThat(get(log.channels("", "", 10))).containsExactly(ofChat, ofA, ofB, ofT);
        assertThat(get(log.channels("chat:", "", 10))).containsExactly(ofA, ofB);
        assertThat(get(log.channels("chat:", "chat:a", 10))).containsExactly(ofB);
        assertThat(get(log.channels("chat:", "chat", 1))).containsExactly(ofA);
        assertThat(get(log.channels("chat:", "ticker", 10))).isEmpty();
        assertThat(get(log.channels("", "chat:b", 10))).containsExactly(ofT);
        assertThat(get(log.channels("chat:b", "", 10))).containsExactly(ofB);
        assertThat(get(log.channels("no~\u00e9", "", 10))).isEmpty();
    }

    @Test
    void messageIsWhatWasDrafted() throws Exception {
        Log log = open();
        JsonValue data = JsonValue.parse("{\"b\":1.50,\"a\":\"\\ud83d\\ude00 \u2028é\",\"b\":[]}");
        MessageId id = append(log, new Draft(A, "größe", data, "älice\"", null));
        MessageId second = append(log, new Draft(A, "", data, null, null));
        List<Message> messages = read(log, new Cursor.Earliest(), "*").messages();
        long time = messages.get(0).time();
        assertThat(messages.get(0))
                .isEqualTo(new Message(id, null, A, "größe", data, time, "älice\""));
        assertThat(messages.get(1))
                .isEqualTo(
                        new Message(second, id, A, "message", data, messages.get(1).time(), null));
    }

    @Test
    void keepsLargeMessages() throws Exception {
        Log log = open();
        JsonValue data = JsonValue.ofText("é\n".repeat(20_000));
        append(log, new Draft(A, "", data, null, null));
        assertThat(read(log, new Cursor.Earliest(), "*").messages().get(0).data()).isEqualTo(data);
    }

    @Test
    void repeatWithinTheWindowAnswersTheFirstId() throws Exception {
        Log log = open();
        List<Message> tail = new CopyOnWriteArrayList<>();
        log.tail(tail::add);
        Appended first = get(log.append(draft(A, "alice", "k")));
        append(log, A, "between");
        Appended again = get(log.append(draft(A, "alice", "k")));
        assertThat(first.repeated()).isFalse();
        assertThat(again).isEqualTo(new Appended(first.id(), true));
        append(log, A, "behind");
        Awaitility.await().atMost(5, SECONDS).until(() -> tail.size() >= 3);
        assertThat(tail).hasSize(3);
        assertThat(read(log, new Cursor.Earliest(), "*").messages()).isEqualTo(tail);
    }

    @Test
    void dedupKeyCountsForItsUserAndChannelAlone() throws Exception {
        Log log = open();
        List<Draft> drafts =
                List.of(
                        draft(A, "alice", "k"),
                        draft(A, "bob", "k"),
                        draft(A, null, "k"),
                        draft(B, "alice", "k"),
                        draft(A, "alice", "K"),
                        draft(A, "alice", "k k"),
                        draft(A, "alice k", "k"),
                        draft(A, "", "k"));
        List<MessageId> ids = new ArrayList<>();
        for (Draft draft : drafts) {
            Appended appended = get(log.append(draft));
            assertThat(appended.repeated()).as(draft.toString()).isFalse();
            ids.add(appended.id());
        }
        assertThat(ids).doesNotHaveDuplicates();
        for (int i = 0; i < drafts.size(); i++) {
            assertThat(get(log.append(drafts.get(i)))).isEqualTo(new Appended(ids.get(i), true));
        }
    }

    @Test
    void draftsWithoutAKeyAreNeverRepeats() throws Exception {
        Log log = open();
        assertThat(append(log, A, "x")).isNotEqualTo(append(log, A, "x"));
    }

    @Test
    void repeatIsKnownWhenItsMessageIsGone() throws Exception {
        Log log = open(channel -> new Retention(1, 3_600_000, true));
        MessageId first = append(log, draft(A, "alice", "k"));
        append(log, A, "newer");
        enforceRetention(log);
        assertThat(get(log.append(draft(A, "alice", "k")))).isEqualTo(new Appended(first, true));
    }

    @Test
    void keepsTheNewestOfEachChannelAndTellsTheGap() throws Exception {
        Log log = open(channel -> new Retention(channel.equals(A) ? 2 : 10, 3_600_000, true));
        MessageId a1 = append(log, A, "1");
        MessageId b1 = append(log, B, "1");
        MessageId a2 = append(log, A, "2");
        MessageId a3 = append(log, A, "3");
        MessageId a4 = append(log, A, "4");
        enforceRetention(log);
        Page all = read(log, new Cursor.Earliest(), "*");
        assertThat(all.messages()).extracting(Message::id).containsExactly(b1, a3, a4);
        assertThat(all.gaps()).containsExactly(new Page.Gap(A, a2));
        assertThat(extent(log, new Cursor.Earliest(), "*")).isEqualTo(new Extent(3, false));
        assertThat(read(log, after(a1), "*").gaps()).containsExactly(new Page.Gap(A, a2));
        assertThat(read(log, after(a2), "*").gaps()).isEmpty();
        assertThat(extent(log, after(a2), "*")).isEqualTo(new Extent(2, true));
        assertThat(read(log, new Cursor.Earliest(), "chat:b").gaps()).isEmpty();
    }

    @Test
    void cursorOfAnotherEpochIsAReset() throws Exception {
        Log log = open();
        MessageId id = append(log, A, "1");
        Cursor other = after(new MessageId(id.epoch().equals("zzzz") ? "yyyy" : "zzzz", id.seq()));
        Page page = read(log, other, "*");
        assertThat(page.reset()).isTrue();
        assertThat(page.messages()).extracting(Message::id).containsExactly(id);
        assertThat(page.cursor()).isEqualTo(id);
        assertThat(extent(log, other, "*")).isEqualTo(new Extent(1, false));
    }

    @Test
    void cursorAheadOfTheHeadIsAReset() throws Exception {
        Log log = open();
        MessageId id = append(log, A, "1");
        Page page = read(log, after(id.at(id.seq() + 1_000)), "*");
        assertThat(page.reset()).isTrue();
        assertThat(page.messages()).extracting(Message::id).containsExactly(id);
        assertThat(page.cursor()).isEqualTo(id);
        assertThat(read(log, after(id), "*").reset()).isFalse();
        assertThat(read(log, after(id.at(0)), "*").reset()).isFalse();
    }

    @Test
    void aChannelThatSeveralPatternsMatchIsReadOnce() throws Exception {
        Log log = open();
        MessageId id = append(log, A, "1");
        append(log, T, "1");
        Page page = read(log, new Cursor.Earliest(), "chat:*", "chat:a", "c*", "chat:a");
        assertThat(page.messages()).extracting(Message::id).containsExactly(id);
        assertThat(page.cursor()).isEqualTo(log.head());
    }

    @Test
    void pageHoldsOneMessageHoweverLarge() throws Exception {
        Log log = open();
        append(log, A, "x".repeat(5_000));
        append(log, A, "y".repeat(5_000));
        Page page =
                get(log.read(new Query(patterns("*"), new Cursor.Earliest(), Query.HEAD, 0, 9, 1)));
        assertThat(page.messages()).hasSize(1);
        assertThat(page.more()).isTrue();
    }

    @Test
    void queryOfNoMessagesIsRefused() {
        assertThatThrownBy(
                        () -> new Query(patterns("*"), new Cursor.Earliest(), Query.HEAD, 0, 0, 1))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void fewChannelsReadLikeTheModel() throws Exception {
        compareWithTheModel(50, 5, 12, seed -> KEEP.ageMs());
    }

    @Test
    void manyChannelsReadLikeTheModel() throws Exception {
        compareWithTheModel(20, 400, 3, seed -> KEEP.ageMs());
    }

    /**
     * @param keep how many messages a channel keeps at most
     * @param ageMs of a run's seed: the longest that a channel keeps any
     */
    void compareWithTheModel(int runs, int channels, int keep, IntToLongFunction ageMs)
            throws Exception {
        for (int seed = 0; seed < runs; seed++) {
            long age = ageMs.applyAsLong(seed);
            Function<Channel, Retention> retention =
                    channel -> {
                        int variant = channel.name().length() + channel.name().charAt(0);
                        return new Retention(1 + variant % keep, age / (1 + variant % 3), true);
                    };
            Log log = open(retention);
            Runnable enforce = () -> enforceRetention(log);
            new LogRun(seed, channels, clock, retention, log, enforce).steps(200);
        }
    }

    Log open() throws Exception {
        return open(channel -> KEEP);
    }

    Log open(Function<Channel, Retention> retention) throws Exception {
        Log log = open(retention, WINDOW, clock::get);
        opened.add(log);
        return log;
    }

    static Draft draft(Channel channel, String user, String dedup) {
        return new Draft(channel, "", JsonValue.ofText("x"), user, dedup);
    }

    static MessageId append(Log log, Channel channel, String text) throws Exception {
        return append(log, new Draft(channel, "", JsonValue.ofText(text), null, null));
    }

    static MessageId append(Log log, Draft draft) throws Exception {
        return get(log.append(draft)).id();
    }

    static Page read(Log log, Cursor after, String... patterns) throws Exception {
        return get(log.read(query(after, patterns)));
    }

    static Extent extent(Log log, Cursor after, String... patterns) throws Exception {
        return get(log.extent(query(after, patterns)));
    }

    static Query query(Cursor after, String... patterns) {
        return new Query(patterns(patterns), after, Query.HEAD, 0, 1000, 1_000_000);
    }

    static List<ChannelPattern> patterns(String... patterns) {
        return List.of(patterns).stream().map(ChannelPattern::new).toList();
    }

    static Cursor after(MessageId id) {
        return new Cursor.After(id);
    }

    /** Waits without an event loop. */
    static <T> T get(Future<T> future) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
