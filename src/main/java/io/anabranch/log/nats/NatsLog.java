package io.anabranch.log.nats;

import io.anabranch.log.Appended;
import io.anabranch.log.ChannelSummary;
import io.anabranch.log.Draft;
import io.anabranch.log.Extent;
import io.anabranch.log.Log;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.log.Retention;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.JetStreamApiException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log in a NATS JetStream stream, which several hubs share. What is acknowledged, the stream
 * has acknowledged, for {@code durable: false} too. Futures complete, and the tail is called, on
 * threads of the client of NATS.
 *
 * <p>While the broker is away, appends are refused, reads see what this hub has in memory, and
 * nothing else changes; it goes on by itself. When the stream is gone, or has lost what it had
 * acknowledged, the log begins a new epoch.
 */
public final class NatsLog implements Log {
    private static final Logger LOG = LoggerFactory.getLogger(NatsLog.class);
    private static final long EXPIRE_EVERY_MS = 1_000;

    /** How long a reader waits for this hub to see what another has shown it, in ms. */
    private static final long CATCH_UP_MS = 2_000;

    private final ScheduledExecutorService thread =
            new ScheduledThreadPoolExecutor(
                    1,
                    task -> {
                        Thread one = new Thread(task, "anabranch-log-nats");
                        one.setDaemon(true);
                        return one;
                    },
                    // What is asked for while the log closes.
                    new ThreadPoolExecutor.DiscardPolicy());
    private final Broker broker;
    private final Follower follower;
    private final Appender appender;
    private final Keeper keeper;
    private final Missing missing;
    private final AtomicBoolean isLost = new AtomicBoolean();
    private volatile boolean ready;
    private final Promise<Void> closed = Promise.promise();
    private boolean closing;

    /**
     * Opens the log, or makes the stream where there is none. Blocks: not for an event loop.
     *
     * @param retention what each channel keeps; asked once a channel
     * @param clock milliseconds since 1970 UTC
     * @throws Refusal when the broker cannot be reached, or the stream is not as it must be
     */
    public static NatsLog open(
            NatsOptions options, Function<Channel, Retention> retention, LongSupplier clock) {
        NatsLog log = new NatsLog(options, retention, clock);
        try {
            log.follower.open();
            log.keepOn();
            return log;
        } catch (IOException | JetStreamApiException e) {
            log.closeNow();
            throw new Refusal(
                    Reason.UNAVAILABLE,
                    "log.stream: "
                            + options.stream()
                            + ": "
                            + e.getMessage()
                            + " (expected: a broker with JetStream that lets this hub use it)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            log.closeNow();
            throw NatsFailure.closed();
        } catch (RuntimeException e) {
            log.closeNow();
            throw e;
        }
    }

    private NatsLog(
            NatsOptions options, Function<Channel, Retention> retention, LongSupplier clock) {
        broker = new Broker(options, this::onConnection);
        Function<String, NatsView> newView =
                epoch -> new NatsView(epoch, retention, options.maxHotBytes());
        follower = new Follower(broker, options, newView, thread, clock);
        appender = new Appender(broker, follower, options, clock);
        keeper = new Keeper(broker, follower, options, clock);
        missing = new Missing(broker, follower, keeper, thread);
    }

    private void onConnection(Connection connection, ConnectionListener.Events event) {
        if (event == ConnectionListener.Events.RECONNECTED) {
            LOG.info("connected to {} again", connection.getConnectedUrl());
            isLost.set(false);
        } else if (event == ConnectionListener.Events.DISCONNECTED && ready) {
            follower.suspect();
            appender.fail(NatsFailure.unknown());
            // Each try to connect that fails is told, too.
            if (isLost.compareAndSet(false, true)) {
                LOG.warn("the connection to the broker is lost");
            }
        }
    }

    private void keepOn() {
        ready = true;
        broker.retrying();
        keepLater();
    }

    private void keepLater() {
        thread.schedule(this::keep, EXPIRE_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    private void keep() {
        keeper.expire()
                .onFailure(e -> LOG.debug("retention has to wait", e))
                .onComplete(
                        done -> {
                            if (ready) {
                                keepLater();
                            }
                        });
    }

    @Override
    public Future<Appended> append(Draft draft) {
        return appender.append(draft);
    }

    /** Completes at once when the page is in memory. */
    @Override
    public Future<Page> read(Query query) {
        return span(query, follower.view())
                .compose(in -> new NatsRead(in.view(), query, in.span(), missing::find).page());
    }

    @Override
    public Future<Extent> extent(Query query) {
        return span(query, follower.view()).map(in -> in.view().extent(query, in.span()));
    }

    @Override
    public Future<List<ChannelSummary>> channels(String prefix, String after, int limit) {
        return Future.succeededFuture(follower.view().channels(prefix, after, limit));
    }

    /** What a query means now. A cursor may be ahead of this hub, which another hub gave. */
    private Future<Moment> span(Query query, NatsView view) {
        MessageId head = view.head();
        if (!(query.after() instanceof Cursor.After cursor)
                || !cursor.id().epoch().equals(head.epoch())
                || cursor.id().seq() <= head.seq()) {
            return Future.succeededFuture(new Moment(view, Span.of(query, head, head.seq())));
        }
        long seq = cursor.id().seq();
        return broker.lastSeq()
                .compose(
                        last ->
                                (seq <= last ? caughtUp(seq) : Future.<Void>succeededFuture())
                                        .map(
                                                unused ->
                                                        new Moment(
                                                                view,
                                                                Span.of(
                                                                        query,
                                                                        view.head(),
                                                                        last))));
    }

    private Future<Void> caughtUp(long seq) {
        Promise<Void> enough = Promise.promise();
        follower.progress().at(seq).onComplete(done -> enough.tryComplete());
        thread.schedule(() -> enough.tryComplete(), CATCH_UP_MS, TimeUnit.MILLISECONDS);
        return enough.future();
    }

    @Override
    public void tail(Consumer<Message> handler) {
        follower.intake().tail(handler);
    }

    @Override
    public void narrow(Predicate<Channel> wanted, Consumer<MessageId> passed) {
        follower.intake().narrow(wanted, passed);
        follower.digests().narrow();
    }

    @Override
    public void follow(ChannelPattern pattern) {
        follower.digests().follow(pattern);
    }

    @Override
    public void unfollow(ChannelPattern pattern) {
        follower.digests().unfollow(pattern);
    }

    @Override
    public MessageId head() {
        return follower.view().head();
    }

    @Override
    public Optional<String> notReady() {
        return follower.isFollowing()
                ? Optional.empty()
                : Optional.of(NatsFailure.away().explanation());
    }

    /** Removes at once what the background would remove in time. */
    public Future<Void> expire() {
        return keeper.expire();
    }

    /** Lets go of the broker. Later calls give the same future. */
    @Override
    public synchronized Future<Void> close() {
        if (!closing) {
            closing = true;
            new Thread(this::closeNow, "anabranch-log-close").start();
        }
        return closed.future();
    }

    private void closeNow() {
        ready = false;
        thread.shutdownNow();
        follower.stop();
        appender.fail(NatsFailure.closed());
        try {
            broker.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closed.complete();
    }

    /** What a query means, and to which view. */
    private record Moment(NatsView view, Span span) {}
}
