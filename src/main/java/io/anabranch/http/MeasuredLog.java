package io.anabranch.http;

import io.anabranch.log.Appended;
import io.anabranch.log.ChannelSummary;
import io.anabranch.log.Draft;
import io.anabranch.log.Extent;
import io.anabranch.log.Log;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.metrics.Metric;
import io.anabranch.metrics.Metrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A log, with what is worth knowing of it counted: the same for every engine. */
final class MeasuredLog implements Log {
    private final Log log;
    private final LongAdder waiting = new LongAdder();
    private final Timer appends;
    private final Counter published;
    private final Counter repeated;

    MeasuredLog(Log log, Metrics metrics) {
        this.log = log;
        this.appends = metrics.timer(Metric.APPEND);
        this.published = metrics.counter(Metric.PUBLISHED);
        this.repeated = metrics.counter(Metric.DEDUP_HITS);
        metrics.gauge(Metric.APPENDS_WAITING, waiting::sum);
        metrics.gauge(Metric.LOG_HEAD, () -> log.head().seq());
    }

    @Override
    public Future<Appended> append(Draft draft) {
        long start = System.nanoTime();
        waiting.increment();
        return appending(draft).onComplete(result -> appended(result, start));
    }

    /** An engine that throws has failed like one that says so. */
    private Future<Appended> appending(Draft draft) {
        try {
            return log.append(draft);
        } catch (RuntimeException | OutOfMemoryError e) {
            return Future.failedFuture(e);
        }
    }

    private void appended(AsyncResult<Appended> result, long start) {
        waiting.decrement();
        appends.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        if (result.succeeded()) {
            (result.result().repeated() ? repeated : published).increment();
        }
    }

    @Override
    public Future<Page> read(Query query) {
        return log.read(query);
    }

    @Override
    public Future<Extent> extent(Query query) {
        return log.extent(query);
    }

    @Override
    public Future<List<ChannelSummary>> channels(String prefix, String after, int limit) {
        return log.channels(prefix, after, limit);
    }

    @Override
    public void tail(Consumer<Message> handler) {
        log.tail(handler);
    }

    @Override
    public void narrow(Predicate<Channel> wanted, Consumer<MessageId> passed) {
        log.narrow(wanted, passed);
    }

    @Override
    public void follow(ChannelPattern pattern) {
        log.follow(pattern);
    }

    @Override
    public void unfollow(ChannelPattern pattern) {
        log.unfollow(pattern);
    }

    @Override
    public MessageId head() {
        return log.head();
    }

    @Override
    public Optional<String> notReady() {
        return log.notReady();
    }

    @Override
    public Future<Void> close() {
        return log.close();
    }
}
