package io.anabranch.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.hub.Hub;
import io.anabranch.log.Draft;
import io.anabranch.log.MemoryLog;
import io.anabranch.log.Retention;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One connection's failure is its own. */
class FanoutTest {
    private static final Pattern DATA = Pattern.compile("data: \"?(\\d+)");

    private final Vertx vertx = Vertx.vertx();
    private final Hub hub =
            new Hub(
                    new MemoryLog(
                            channel -> new Retention(10_000, 60_000, false),
                            60_000,
                            System::currentTimeMillis));
    private final TestSink before = new TestSink();
    private final TestSink broken = new TestSink();
    private final TestSink after = new TestSink();
    private final BlockingQueue<TestSink> ended = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aSinkThatFailsEndsAloneAndOnce() throws Exception {
        subscribe(0);
        broken.failing = true;
        publish(1, 2, 3);
        assertNeighboursGet(1, 2, 3);
        assertBrokenEnded();
    }

    @Test
    void aFlushThatFailsEndsItsConnectionAlone() throws Exception {
        subscribe(0);
        broken.failingFlush = true;
        publish(1);
        assertNeighboursGet(1);
        publish(2);
        assertNeighboursGet(2);
        assertBrokenEnded();
    }

    @Test
    void aConflatedWriteThatFailsEndsItsConnectionAlone() throws Exception {
        subscribe(50);
        broken.failing = true;
        publish(1);
        assertNeighboursGet(1);
        publish(2);
        assertNeighboursGet(2);
        assertBrokenEnded();
    }

    @Test
    void aReplayThatFailsEndsItsConnectionAlone() throws Exception {
        publish(1);
        broken.failing = true;
        Start all = new Start.After(new Cursor.Earliest());
        onLoop(() -> open(all, 0));
        assertNeighboursGet(1);
        assertBrokenEnded();
    }

    @Test
    void aControlFrameThatFailsEndsItsConnectionAndNotItsCaller() throws Exception {
        onLoop(
                () -> {
                    Fanout fanout = new Fanout(vertx, hub, 20_000, 0);
                    Subscriber subscriber = fanout.add(broken, () -> {}, () -> ended.add(broken));
                    broken.failing = true;
                    subscriber.send(new JsonObject().put("type", "ok"));
                    subscriber.sendPreamble(1_000, hub.head());
                    subscriber.sendClose(new JsonObject().put("type", "close"), 1_000);
                    return true;
                });
        assertBrokenEnded();
    }

    @Test
    void aHeartbeatThatFailsEndsItsConnectionAlone() throws Exception {
        subscribe(0);
        broken.failing = true;
        assertBrokenEnded();
        publish(1);
        assertNeighboursGet(1);
    }

    @Test
    void whatComesInOneTurnOfOneChannelIsOneWrite() throws Exception {
        onLoop(
                () -> {
                    open(List.of("a"), List.of("b"));
                    publish(1, 2, 3);
                    publish("b", 4);
                    publish(5);
                    return true;
                });
        assertThat(before.takeWritten(5)).containsExactly(1, 2, 3, 4, 5);
        assertThat(before.writes).containsExactly(List.of(1, 2, 3), List.of(4), List.of(5));
    }

    @Test
    void aRunIsWrittenOnceWhereTwoFeedsMatchItsChannel() throws Exception {
        onLoop(
                () -> {
                    open(List.of("a"), List.of("*"));
                    publish(1, 2, 3);
                    publish("b", 4);
                    return true;
                });
        assertThat(before.takeWritten(4)).containsExactly(1, 2, 3, 4);
        assertThat(before.writes).containsExactly(List.of(1, 2, 3), List.of(4));
    }

    @Test
    void aRunIsNoLargerThanWhatIsWrittenAtOnce() throws Exception {
        String padding = "x".repeat(10_000);
        onLoop(
                () -> {
                    open(List.of("a"));
                    for (int value = 1; value <= 7; value++) {
                        publish("a", value + padding);
                    }
                    return true;
                });
        assertThat(before.takeWritten(7)).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(before.writes).containsExactly(List.of(1, 2, 3), List.of(4, 5, 6), List.of(7));
    }

    @Test
    void whatComesWithinTheBatchIntervalIsOneWrite() throws Exception {
        onLoop(
                () -> {
                    // Heartbeats, which hand out what waits, are far away.
                    open(new Fanout(vertx, hub, 36_000_000, 3_000), List.of("a"));
                    return true;
                });
        publish(1);
        assertThat(before.takeWritten(1)).containsExactly(1);
        publish(2);
        publish(3);
        assertThat(before.takeWritten(2)).containsExactly(2, 3);
        assertThat(before.writes).containsExactly(List.of(1), List.of(2, 3));
    }

    /** One connection, with a feed for each list of patterns. */
    @SafeVarargs
    private void open(List<String>... feeds) {
        open(new Fanout(vertx, hub, 20_000, 0), feeds);
    }

    @SafeVarargs
    private void open(Fanout fanout, List<String>... feeds) {
        Subscriber subscriber = fanout.add(before, () -> {}, () -> ended.add(before));
        for (List<String> patterns : feeds) {
            subscriber
                    .subscribe(
                            patterns.stream().map(ChannelPattern::new).toList(),
                            new Start.Live(),
                            0)
                    .begin();
        }
    }

    private void subscribe(int conflateMs) throws Exception {
        onLoop(() -> open(new Start.Live(), conflateMs));
    }

    private boolean open(Start start, int conflateMs) {
        Fanout fanout = new Fanout(vertx, hub, 20, 0);
        for (TestSink sink : List.of(before, broken, after)) {
            Subscriber subscriber = fanout.add(sink, () -> {}, () -> ended.add(sink));
            subscriber.subscribe(List.of(new ChannelPattern("a")), start, conflateMs).begin();
        }
        return true;
    }

    private void onLoop(Callable<Boolean> task) throws Exception {
        vertx.deployVerticle(
                        new VerticleBase() {
                            @Override
                            public Future<?> start() throws Exception {
                                return Future.succeededFuture(task.call());
                            }
                        })
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    private void publish(int... values) {
        for (int value : values) {
            publish("a", value);
        }
    }

    private void publish(String channel, Object value) {
        JsonValue data = JsonValue.ofText(String.valueOf(value));
        hub.publish(new Draft(new Channel(channel), EventName.DEFAULT, data, null, null));
    }

    private void assertNeighboursGet(int... values) throws Exception {
        for (TestSink sink : List.of(before, after)) {
            for (int value : values) {
                assertThat(sink.written.poll(10, TimeUnit.SECONDS)).isEqualTo(value);
            }
        }
    }

    private void assertBrokenEnded() throws Exception {
        assertThat(ended.poll(10, TimeUnit.SECONDS)).isSameAs(broken);
        assertThat(ended).isEmpty();
    }

    /** Takes everything, and keeps the values. */
    private static final class TestSink implements Sink {
        final BlockingQueue<Integer> written = new LinkedBlockingQueue<>();
        final Queue<List<Integer>> writes = new ConcurrentLinkedQueue<>();
        volatile boolean failing;
        volatile boolean failingFlush;

        @Override
        public Encoding encoding() {
            return Encoding.SSE;
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void write(ByteBuf bytes) {
            String text = bytes.toString(StandardCharsets.UTF_8);
            bytes.release();
            if (failing) {
                throw new IllegalStateException("expected by this test");
            }
            List<Integer> values =
                    DATA.matcher(text)
                            .results()
                            .map(data -> Integer.valueOf(data.group(1)))
                            .toList();
            writes.add(values);
            written.addAll(values);
        }

        List<Integer> takeWritten(int count) throws InterruptedException {
            List<Integer> taken = new ArrayList<>();
            while (taken.size() < count) {
                taken.add(Objects.requireNonNull(written.poll(10, TimeUnit.SECONDS)));
            }
            return taken;
        }

        @Override
        public void flush() {
            if (failingFlush) {
                throw new IllegalStateException("expected by this test");
            }
        }

        @Override
        public void abortUnlessSent() {}

        @Override
        public boolean isLost(long silentMs) {
            return false;
        }

        @Override
        public void cut() {}
    }
}
