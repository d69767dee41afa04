package io.anabranch.log.nats;

import io.anabranch.message.Channel;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.nats.client.JetStreamApiException;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the stream into the view. Whatever interrupts it, it goes on after the last place that it
 * saw; when the stream is another, it begins a new view. Blocks where it talks to the broker, on
 * the one thread that it is given.
 */
final class Follower {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
    private static final long WATCH_MS = 250;

    /** Two heartbeats of the broker have not come, and then some. */
    private static final long SILENT_MS = 2_500;

    private final Broker broker;
    private final StreamSetup setup;
    private final NatsOptions options;
    private final Subjects subjects;
    private final Function<String, NatsView> newView;
    private final ScheduledExecutorService thread;
    private final LongSupplier clock;
    private final Progress progress = new Progress();
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private volatile @Nullable NatsView view;
    private volatile @Nullable StreamConsumer consumer;
    private volatile Consumer<Message> tail = message -> {};
    private String complained = "";

    /**
     * @param newView makes an empty view of an epoch
     * @param clock milliseconds since 1970 UTC
     */
    Follower(
            Broker broker,
            NatsOptions options,
            Function<String, NatsView> newView,
            ScheduledExecutorService thread,
            LongSupplier clock) {
        this.broker = broker;
        this.setup = new StreamSetup(broker, options);
        this.options = options;
        this.subjects = new Subjects(options.stream());
        this.newView = newView;
        this.thread = thread;
        this.clock = clock;
    }

    /**
     * Reads the stream as it is, and goes on following it. Blocks.
     *
     * @throws Refusal when the stream is not as it must be
     */
    void open() throws IOException, JetStreamApiException, InterruptedException {
        go();
        thread.scheduleWithFixedDelay(this::watch, WATCH_MS, WATCH_MS, TimeUnit.MILLISECONDS);
    }

    NatsView view() {
        NatsView now = view;
        if (now == null) {
            throw new IllegalStateException("not open yet");
        }
        return now;
    }

    Progress progress() {
        return progress;
    }

    void tail(Consumer<Message> handler) {
        tail = handler;
    }

    boolean isFollowing() {
        return broker.isConnected() && consumer != null && !interrupted.get();
    }

    /** Something is wrong with the stream: it is looked at again soon. */
    void suspect() {
        interrupted.set(true);
    }

    private void watch() {
        try {
            StreamConsumer running = consumer;
            boolean silent = running == null || running.silentMs() > SILENT_MS;
            if (broker.isConnected() && (silent || interrupted.get())) {
                stop();
                interrupted.set(false);
                go();
                complained = "";
            }
        } catch (IOException | JetStreamApiException | RuntimeException e) {
            complain(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void complain(Exception e) {
        // Each try fails the same way until somebody has done something.
        if (!complained.equals(String.valueOf(e.getMessage()))) {
            complained = String.valueOf(e.getMessage());
            LOG.warn("the stream cannot be followed yet: {}", complained);
        }
    }

    private void go() throws IOException, JetStreamApiException, InterruptedException {
        StreamSetup.Found found = setup.ensure();
        NatsView known = view;
        if (known != null && known.head().epoch().equals(found.epoch())) {
            if (found.lastSeq() >= progress.position()) {
                consumer = follow(known);
                return;
            }
            setup.beginEpoch(clock.getAsLong());
            found = setup.ensure();
        }
        NatsView loaded = newView.apply(found.epoch());
        load(loaded, found.lastSeq());
        loaded.loaded();
        if (known != null) {
            LOG.warn("the stream is another than before: epoch {}", found.epoch());
        }
        begin(loaded, found.lastSeq());
        consumer = follow(loaded);
    }

    private synchronized void begin(NatsView loaded, long position) {
        view = loaded;
        progress.restart(position, NatsFailure.unknown());
    }

    /** Takes in where everything stands up to a place, without the messages. */
    private void load(NatsView into, long upTo)
            throws IOException, JetStreamApiException, InterruptedException {
        if (upTo == 0) {
            return;
        }
        CountDownLatch ended = new CountDownLatch(1);
        AtomicBoolean whole = new AtomicBoolean();
        StreamConsumer loading =
                StreamConsumer.start(
                        broker,
                        options.stream(),
                        1,
                        true,
                        new StreamConsumer.Sink() {
                            @Override
                            public void take(
                                    io.nats.client.Message message,
                                    long seq,
                                    long stored,
                                    long pending) {
                                if (seq <= upTo) {
                                    Follower.this.take(into, message, seq, stored, false);
                                }
                                if (seq >= upTo || pending == 0) {
                                    whole.set(true);
                                    ended.countDown();
                                }
                            }

                            @Override
                            public void lost() {
                                ended.countDown();
                            }
                        });
        try {
            while (!ended.await(WATCH_MS, TimeUnit.MILLISECONDS)) {
                if (loading.silentMs() > SILENT_MS) {
                    break;
                }
            }
        } finally {
            loading.stop();
        }
        if (!whole.get()) {
            throw new IOException("reading the stream was interrupted");
        }
    }

    private StreamConsumer follow(NatsView into) throws IOException, JetStreamApiException {
        return StreamConsumer.start(
                broker,
                options.stream(),
                progress.position() + 1,
                false,
                new StreamConsumer.Sink() {
                    @Override
                    public void take(
                            io.nats.client.Message message, long seq, long stored, long pending) {
                        takeNext(into, message, seq, stored);
                    }

                    @Override
                    public void lost() {
                        suspect();
                    }
                });
    }

    /** Of two runs at once, while one takes over from the other, each place counts once. */
    private synchronized void takeNext(
            NatsView into, io.nats.client.Message found, long seq, long stored) {
        if (into != view || seq <= progress.position()) {
            return;
        }
        Message taken = take(into, found, seq, stored, true);
        progress.to(seq);
        if (taken != null) {
            tail.accept(taken);
        }
    }

    /** Takes in what stands at a place; gives the message, if it is one and is there. */
    private @Nullable Message take(
            NatsView into,
            io.nats.client.Message found,
            long seq,
            long stored,
            boolean withMessage) {
        String subject = found.getSubject();
        Headers headers = found.getHeaders();
        Channel channel = subjects.messageChannel(subject);
        if (channel != null) {
            Message message = withMessage ? message(into, found, channel, seq, stored) : null;
            into.add(channel, seq, message, Codec.time(headers, stored));
            return message;
        }
        Channel cut = subjects.cutChannel(subject);
        if (cut != null) {
            into.cut(cut, Codec.number(headers, Codec.CUT), seq);
        } else if (subject.equals(subjects.epoch()) && headers != null) {
            String epoch = headers.getFirst(Codec.EPOCH);
            if (epoch != null && !epoch.equals(into.head().epoch())) {
                suspect();
            }
        }
        return null;
    }

    private static Message message(
            NatsView into, io.nats.client.Message found, Channel channel, long seq, long stored) {
        MessageId id = into.head().at(seq);
        return Codec.message(
                id, into.newest(channel), channel, found.getHeaders(), found.getData(), stored);
    }

    void stop() {
        StreamConsumer running = consumer;
        consumer = null;
        if (running != null) {
            running.stop();
        }
    }
}
