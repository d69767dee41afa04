package io.anabranch.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.hub.Hub;
import io.anabranch.log.Draft;
import io.anabranch.log.Query;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Those who read the same of the log share it, and nobody notices. */
class SharedPagesTest {
    private static final int HISTORY = 50_000;

    /** Nothing that goes by the heartbeat happens in a test. */
    private static final long NEVER_MS = 36_000_000;

    private static final Start ALL = new Start.After(new Cursor.Earliest());

    /** A full page has 160 of them. */
    private static final int SMALL_BYTES = 30;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Context loop = vertx.getOrCreateContext();
    private ReadLog log;
    private Hub hub;
    private Fanout fanout;

    @BeforeEach
    void start() throws Exception {
        start(HISTORY, NEVER_MS);
    }

    private void start(int history, long heartbeatMs) throws Exception {
        log = new ReadLog(history);
        hub = new Hub(log);
        fanout = onLoop(() -> new Fanout(vertx, hub, heartbeatMs, 0));
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void readersFromTheSameCursorCauseOneReadOfEachPage() throws Exception {
        publish(1, 1_000);
        List<RecordingSink> sinks =
                List.of(new RecordingSink(), new RecordingSink(), new RecordingSink());
        onLoop(() -> sinks.stream().map(sink -> open(sink, ALL)).toList());
        for (RecordingSink sink : sinks) {
            sink.awaitAll(1, 1_000);
        }
        assertThat(log.reads).doesNotHaveDuplicates();
        for (RecordingSink sink : sinks) {
            assertThat(sink.buffers())
                    .usingElementComparator((one, other) -> one == other ? 0 : 1)
                    .isEqualTo(sinks.get(0).buffers());
        }
        assertThat(fanout.counts().sse().replayed()).isEqualTo(3_000);
        assertThat(fanout.counts().sse().messages()).isEqualTo(3_000);
    }

    @Test
    void aReaderThatComesLaterReadsWhatIsNewAlone() throws Exception {
        publish(1, 1_000);
        read(new RecordingSink(), ALL).awaitAll(1, 1_000);
        List<Query> earlier = List.copyOf(log.reads);
        log.reads.clear();
        publish(1_001, 1_000);
        read(new RecordingSink(), ALL).awaitAll(1, 2_000);
        // The last page was not full: it is read again, and what came after it.
        assertThat(earlier.subList(0, earlier.size() - 1))
                .isNotEmpty()
                .doesNotContainAnyElementsOf(log.reads);
    }

    @Test
    void whatComesWhileAPageIsReadReachesAllWhoWaitForIt() throws Exception {
        publish(1, 3);
        Promise<Void> answer = log.hold();
        RecordingSink first = read(new RecordingSink(), ALL);
        publish(4, 1);
        RecordingSink second = read(new RecordingSink(), ALL);
        assertThat(log.reads).hasSize(1);
        answer.complete();
        first.awaitAll(1, 4);
        second.awaitAll(1, 4);
    }

    @Test
    void theEndOfTheLogIsReadAgainWhenSomethingCame() throws Exception {
        publish(1, 3);
        RecordingSink first = new RecordingSink();
        Subscriber subscriber = onLoop(() -> open(first, ALL));
        first.awaitAll(1, 3);
        onLoop(() -> close(subscriber));
        publish(4, 2);
        read(new RecordingSink(), ALL).awaitAll(1, 5);
    }

    @Test
    void eachGetsItsOwnEncoding() throws Exception {
        publish(1, 1_000);
        List<RecordingSink> sinks = new ArrayList<>();
        for (Encoding encoding :
                List.of(
                        Encoding.SSE,
                        Encoding.SSE_CHUNKED,
                        Encoding.SSE_ENVELOPE,
                        Encoding.WEBSOCKET)) {
            sinks.add(new RecordingSink(encoding));
        }
        onLoop(() -> sinks.stream().map(sink -> open(sink, ALL)).toList());
        for (RecordingSink sink : sinks) {
            sink.awaitAll(1, 1_000);
        }
        assertThat(log.reads).doesNotHaveDuplicates();
        assertThat(sinks.stream().map(sink -> sink.text().substring(0, 40)))
                .doesNotHaveDuplicates();
    }

    @Test
    void aReaderWithAViewGetsWhatThatShows() throws Exception {
        publish(1, 1_000);
        View even =
                new View() {
                    @Override
                    public boolean shows(Message message) {
                        return message.id().seq() % 2 == 0;
                    }

                    @Override
                    public boolean shows(Channel channel) {
                        return true;
                    }
                };
        RecordingSink all = read(new RecordingSink(), ALL);
        RecordingSink some = new RecordingSink();
        onLoop(() -> open(some, even, ALL));
        all.awaitAll(1, 1_000);
        some.await(IntStream.rangeClosed(1, 500).map(i -> i * 2).boxed().toList());
        assertThat(log.reads).doesNotHaveDuplicates();
    }

    @Test
    void aConnectionWithTwoFeedsGetsNothingTwice() throws Exception {
        publish(1, 1_000);
        RecordingSink alone = read(new RecordingSink(), ALL);
        RecordingSink twice = new RecordingSink();
        onLoop(
                () -> {
                    Subscriber subscriber = fanout.add(twice, () -> {}, () -> {});
                    Start live = new Start.Live();
                    Feed first = subscriber.subscribe(List.of(new ChannelPattern("*")), live, 0);
                    Feed second = subscriber.subscribe(List.of(new ChannelPattern("a")), ALL, 0);
                    first.begin();
                    second.begin();
                    return subscriber;
                });
        publish(1_001, 100);
        alone.awaitAll(1, 1_100);
        // Live before the replay's end, or after it: each once.
        await().untilAsserted(
                        () ->
                                assertThat(twice.values())
                                        .containsExactlyInAnyOrderElementsOf(alone.values()));
    }

    @Test
    void whatRetentionTakesAfterItWasReadIsStillDelivered() throws Exception {
        start(500, NEVER_MS);
        publish(1, 500);
        read(new RecordingSink(), ALL).awaitAll(1, 500);
        MessageId start = hub.head().at(0);
        publish(501, 100);
        RecordingSink late = read(new RecordingSink(), ALL);
        late.awaitAll(1, 600);
        // Who asks for something else reads what is left.
        RecordingSink other = read(new RecordingSink(), new Start.After(new Cursor.After(start)));
        other.awaitAll(101, 500);
        assertThat(other.gaps()).isEqualTo(1);
        assertThat(late.gaps()).isZero();
    }

    @Test
    void aGapIsToldToEach() throws Exception {
        start(500, NEVER_MS);
        publish(1, 700);
        Start start = new Start.After(new Cursor.After(hub.head().at(100)));
        RecordingSink first = read(new RecordingSink(), start);
        RecordingSink second = read(new RecordingSink(), start);
        first.awaitAll(201, 500);
        second.awaitAll(201, 500);
        assertThat(first.gaps()).isEqualTo(1);
        assertThat(second.gaps()).isEqualTo(1);
        assertThat(fanout.counts().gapsExpired()).isEqualTo(2);
        assertThat(log.reads).doesNotHaveDuplicates();
    }

    @Test
    void nothingOfALostPastIsShared() throws Exception {
        publish(1, 1_000);
        read(new RecordingSink(), ALL).awaitAll(1, 1_000);
        log.lose();
        publish(2_001, 1_000);
        read(new RecordingSink(), ALL).awaitAll(2_001, 1_000);
    }

    @Test
    void aReadThatFailsIsRepeatedForAllWhoWaited() throws Exception {
        publish(1, 100);
        log.away(true);
        RecordingSink first = read(new RecordingSink(), ALL);
        RecordingSink second = read(new RecordingSink(), ALL);
        await().until(() -> log.reads.size() >= 1);
        log.away(false);
        first.awaitAll(1, 100);
        second.awaitAll(1, 100);
    }

    @Test
    void pagesAreReleasedAMomentLater() throws Exception {
        start(HISTORY, 1_600);
        publish(1, 1_000);
        RecordingSink sink = read(new RecordingSink(Encoding.WEBSOCKET), ALL);
        sink.awaitAll(1, 1_000);
        await().until(() -> sink.buffers().stream().allMatch(buffer -> buffer.refCnt() == 0));
    }

    @Test
    void pagesAreReleasedAtTheEnd() throws Exception {
        publish(1, 1_000);
        RecordingSink sink = read(new RecordingSink(Encoding.SSE_CHUNKED), ALL);
        sink.awaitAll(1, 1_000);
        assertThat(sink.buffers()).isNotEmpty().allMatch(buffer -> buffer.refCnt() == 1);
        onLoop(
                () -> {
                    fanout.close();
                    return fanout;
                });
        assertThat(sink.buffers()).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @Test
    void noMorePagesAreKeptThanTheBound() throws Exception {
        publish(1, 40_000);
        RecordingSink sink = read(new RecordingSink(Encoding.WEBSOCKET), ALL);
        sink.awaitAll(1, 40_000);
        assertThat(sink.buffers()).hasSizeGreaterThan(SharedPages.MOST_PAGES + 20);
        // The pool gives what was released out again.
        Set<ByteBuf> different = Collections.newSetFromMap(new IdentityHashMap<>());
        different.addAll(sink.buffers());
        assertThat(different.stream().filter(buffer -> buffer.refCnt() > 0))
                .hasSize(SharedPages.MOST_PAGES);
    }

    @Test
    void aPageOfOneHugeMessageIsNotKept() throws Exception {
        publish("a", "1" + " ".repeat(SharedPages.MOST_BYTES));
        RecordingSink sink = read(new RecordingSink(Encoding.WEBSOCKET), ALL);
        sink.awaitAll(1, 1);
        await().until(() -> sink.buffers().stream().allMatch(buffer -> buffer.refCnt() == 0));
        read(new RecordingSink(), ALL).awaitAll(1, 1);
        assertThat(log.reads).hasSize(2);
    }

    private RecordingSink read(RecordingSink sink, Start start) throws Exception {
        onLoop(() -> open(sink, start));
        return sink;
    }

    private Subscriber open(RecordingSink sink, Start start) {
        return open(sink, View.ALL, start);
    }

    private Subscriber open(RecordingSink sink, View view, Start start) {
        Subscriber subscriber = fanout.add(sink, view, () -> {}, () -> {});
        subscriber.subscribe(List.of(new ChannelPattern("a")), start, 0).begin();
        return subscriber;
    }

    private static Subscriber close(Subscriber subscriber) {
        subscriber.close();
        return subscriber;
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        Promise<T> done = Promise.promise();
        loop.runOnContext(
                unused -> {
                    try {
                        done.complete(task.call());
                    } catch (Exception e) {
                        done.fail(e);
                    }
                });
        return done.future().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private void publish(int first, int count) {
        for (int value = first; value < first + count; value++) {
            publish("a", value + " ".repeat(SMALL_BYTES));
        }
    }

    private void publish(String channel, String text) {
        JsonValue data = JsonValue.ofText(text);
        hub.publish(new Draft(new Channel(channel), EventName.DEFAULT, data, null, null));
    }
}
