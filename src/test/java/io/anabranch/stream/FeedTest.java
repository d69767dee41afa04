package io.anabranch.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.hub.Hub;
import io.anabranch.log.Draft;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FeedTest {
    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final ReadLog log = new ReadLog(1_000);
    private final Hub hub = new Hub(log);
    private final RecordingSink sink = new RecordingSink();

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** What it noted while behind has no place in the new epoch. */
    @Test
    void restsAtTheEndOfALogThatHasLostItsPast() throws Exception {
        CompletableFuture<Subscriber> subscriber = new CompletableFuture<>();
        onLoop(
                () -> {
                    Fanout fanout = new Fanout(vertx, hub, 36_000_000, 0);
                    subscriber.complete(fanout.add(sink, () -> {}, () -> {}));
                    subscribe(subscriber.join());
                });
        publish(1, 2, 3);
        sink.awaitAll(1, 3);
        onLoop(() -> sink.full(true));
        publish(4, 5);
        onLoop(
                () -> {
                    sink.full(false);
                    subscriber.join().writable();
                });
        sink.awaitAll(1, 5);
        log.lose();
        publish(6);
        sink.awaitAll(1, 6);
        onLoop(() -> {});
        assertThat(subscriber.join().isBehind()).isFalse();
    }

    private static void subscribe(Subscriber subscriber) {
        List<ChannelPattern> patterns = List.of(new ChannelPattern("a"));
        subscriber.subscribe(patterns, new Start.Live(), 0).begin();
    }

    private void onLoop(Runnable task) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.runOnContext(
                unused -> {
                    task.run();
                    done.complete(null);
                });
        done.get(10, TimeUnit.SECONDS);
    }

    private void publish(int... values) {
        for (int value : values) {
            JsonValue data = JsonValue.ofText(String.valueOf(value));
            hub.publish(new Draft(new Channel("a"), EventName.DEFAULT, data, null, null));
        }
    }
}
