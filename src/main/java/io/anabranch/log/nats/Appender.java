package io.anabranch.log.nats;

import io.anabranch.log.Appended;
import io.anabranch.log.Draft;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Publishes to the stream. An append is answered when the stream has the message, and this hub has
 * seen it there.
 */
final class Appender {
    /** How many may be under way. */
    private static final int MOST_AT_ONCE = 100_000;

    private final Broker broker;
    private final Follower follower;
    private final Subjects subjects;
    private final boolean dedups;
    private final LongSupplier clock;
    private final Set<Promise<Appended>> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();

    Appender(Broker broker, Follower follower, NatsOptions options, LongSupplier clock) {
        this.broker = broker;
        this.follower = follower;
        this.subjects = new Subjects(options.stream());
        this.dedups = options.dedupWindowMs() > 0;
        this.clock = clock;
    }

    Future<Appended> append(Draft draft) {
        if (!broker.isConnected()) {
            return Future.failedFuture(NatsFailure.away());
        }
        Headers headers = Codec.headers(draft, clock.getAsLong(), dedups);
        byte[] data = draft.data().utf8();
        long size = (long) data.length + headers.serializedLength();
        if (size > broker.maxMessageBytes()) {
            return Future.failedFuture(NatsFailure.tooLarge(size, broker.maxMessageBytes()));
        }
        if (count.get() >= MOST_AT_ONCE) {
            return Future.failedFuture(NatsFailure.busy());
        }
        Promise<Appended> promise = Promise.promise();
        begin(promise);
        long before = follower.view().head().seq();
        broker.publish(subjects.message(draft.channel()), headers, data)
                .whenComplete((ack, failure) -> answer(promise, before, ack, failure));
        return promise.future();
    }

    private void begin(Promise<Appended> promise) {
        underWay.add(promise);
        count.incrementAndGet();
        promise.future()
                .onComplete(
                        unused -> {
                            underWay.remove(promise);
                            count.decrementAndGet();
                        });
    }

    private void answer(Promise<Appended> promise, long before, PublishAck ack, Throwable failure) {
        if (failure != null) {
            boolean answered = NatsFailure.refusedByTheStream(failure).isPresent();
            if (!answered && !NatsFailure.isTimeout(failure)) {
                follower.suspect();
            }
            promise.tryFail(NatsFailure.ofAppend(failure));
        } else if (ack.getSeqno() <= before && !ack.isDuplicate()) {
            // Only a stream that was begun anew has so low a place to give.
            follower.suspect();
            promise.tryFail(NatsFailure.unknown());
        } else {
            follower.progress()
                    .at(ack.getSeqno())
                    .onSuccess(unused -> promise.tryComplete(appended(ack)))
                    .onFailure(promise::tryFail);
        }
    }

    private Appended appended(PublishAck ack) {
        return new Appended(follower.view().head().at(ack.getSeqno()), ack.isDuplicate());
    }

    /** Answers all that are under way, as what became of them will not be heard. */
    void fail(RuntimeException failure) {
        underWay.forEach(promise -> promise.tryFail(failure));
    }
}
