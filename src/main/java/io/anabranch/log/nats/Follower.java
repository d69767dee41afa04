package io.anabranch.log.nats;

import io.anabranch.message.Refusal;
import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private static final long WATCH_MS = 100;

    /** Two heartbeats of the broker have not come, and then some. */
    private static final long SILENT_MS = 2_500;

    private final Broker broker;
    private final StreamSetup setup;
    private final NatsOptions options;
    private final Function<String, NatsView> newView;
    private final ScheduledExecutorService thread;
    private final LongSupplier clock;
    private final Intake intake;
    private final Digests digests;
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private volatile @Nullable StreamConsumer consumer;
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
        this.newView = newView;
        this.thread = thread;
        this.clock = clock;
        Subjects subjects = new Subjects(options.stream());
        this.intake = new Intake(subjects, broker::message, this::suspect);
        this.digests = new Digests(broker, subjects, intake, thread, this::endRun, this::suspect);
    }

    /**
     * Reads the stream as it is, and goes on following it. Blocks.
     *
     * @throws Refusal when the stream is not as it must be
     */
    void open() throws IOException, JetStreamApiException, InterruptedException {
        go();
        if (options.byInterest() && !digests.mayListen()) {
            LOG.warn(
                    "all of stream {} is followed, as it was made without republish and the broker"
                            + " cannot change that",
                    options.stream());
        }
        thread.scheduleWithFixedDelay(this::watch, WATCH_MS, WATCH_MS, TimeUnit.MILLISECONDS);
        if (options.byInterest()) {
            digests.open();
        }
    }

    NatsView view() {
        NatsView now = intake.view();
        if (now == null) {
            throw new IllegalStateException("not open yet");
        }
        return now;
    }

    Intake intake() {
        return intake;
    }

    Digests digests() {
        return digests;
    }

    Progress progress() {
        return intake.progress();
    }

    boolean isFollowing() {
        return broker.isConnected()
                && (consumer != null || digests.isListening())
                && !interrupted.get();
    }

    /** Something is wrong with the stream: it is looked at again soon. */
    void suspect() {
        interrupted.set(true);
    }

    private void watch() {
        try {
            if (intake.isStuck()) {
                suspect();
            }
            boolean silent = isSilent();
            if (broker.isConnected() && (silent || interrupted.get())) {
                if (!interrupted.getAndSet(false)) {
                    digests.distrust();
                }
                stop();
                go();
                complained = "";
            }
        } catch (IOException | JetStreamApiException | RuntimeException e) {
            complain(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isSilent() {
        StreamConsumer running = consumer;
        return running == null ? digests.isSilent() : running.silentMs() > SILENT_MS;
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
        NatsView known = intake.view();
        if (known != null && known.head().epoch().equals(found.epoch())) {
            if (found.lastSeq() >= progress().position()) {
                run(known, found.handsOn());
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
        intake.begin(loaded, found.lastSeq());
        run(loaded, found.handsOn());
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
                                    intake.load(into, Entry.of(message, seq, stored));
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

    /** Follows the stream from where this hub is, and tells other hubs what comes. */
    private void run(NatsView into, boolean mayEnd) throws IOException, JetStreamApiException {
        intake.forgetWaiting();
        long position = progress().position();
        digests.beginRun(into.head().epoch(), position, mayEnd);
        consumer =
                StreamConsumer.start(
                        broker,
                        options.stream(),
                        position + 1,
                        false,
                        new StreamConsumer.Sink() {
                            @Override
                            public void take(
                                    io.nats.client.Message message,
                                    long seq,
                                    long stored,
                                    long pending) {
                                Entry entry = Entry.of(message, seq, stored);
                                if (intake.take(into, entry, message)) {
                                    digests.add(entry);
                                }
                            }

                            @Override
                            public void lost() {
                                suspect();
                            }
                        });
    }

    private void endRun() {
        StreamConsumer running = consumer;
        consumer = null;
        if (running != null) {
            running.stop();
        }
    }

    void stop() {
        digests.stop();
        endRun();
    }
}
