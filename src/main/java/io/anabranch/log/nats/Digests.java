package io.anabranch.log.nats;

import io.anabranch.message.ChannelPattern;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one hub follow the stream for all. A hub that follows it tells the others what stands where;
 * one that hears this from a hub that has run for longer ends its own run, listens, and has the
 * broker hand on only the messages that it wants. One that hears nothing, or misses a part, follows
 * the stream again. So it matters to nobody's messages which hub it is, or how many are.
 */
final class Digests {
    private static final Logger LOG = LoggerFactory.getLogger(Digests.class);

    /** How often it is told up to where nothing has come, in ms. */
    private static final long BEAT_MS = 50;

    private static final long SILENT_MS = 300;

    /** A hub that was silent is not listened to for this long. */
    private static final long DISTRUST_MS = 10_000;

    /** How long a run lasts at the least, so that nobody changes back and forth. */
    private static final long SETTLED_MS = 1_000;

    /** How far behind this hub another may be that it begins to listen to. */
    private static final long MOST_BEHIND = 1_000;

    /** Of two hubs the older comes first, where clocks agree. */
    private final String name =
            "%011x-%s".formatted(System.currentTimeMillis(), UUID.randomUUID().toString());

    private final Subjects subjects;
    private final Intake intake;
    private final ScheduledExecutorService thread;
    private final Runnable endRun;
    private final Runnable onTrouble;
    private final DigestWriter writer;
    private final LiveSubjects live;
    private final Dispatcher dispatcher;
    private volatile boolean narrowed;
    private volatile long heard = System.nanoTime();
    private volatile @Nullable String teller;
    private boolean running;
    private boolean mayListen;
    private long runSince;
    private String distrusted = "";
    private long distrustedAt;

    /**
     * @param endRun ends this hub's own run through the stream
     * @param onTrouble called when this hub has to follow the stream itself
     */
    Digests(
            Broker broker,
            Subjects subjects,
            Intake intake,
            ScheduledExecutorService thread,
            Runnable endRun,
            Runnable onTrouble) {
        this.subjects = subjects;
        this.intake = intake;
        this.thread = thread;
        this.endRun = endRun;
        this.onTrouble = onTrouble;
        this.writer = new DigestWriter(broker, subjects.digests(), name, thread);
        // One for all, so that a message comes before the digest that tells of it.
        this.dispatcher = broker.connection().createDispatcher(this::onMessage);
        dispatcher.setPendingLimits(-1, -1);
        this.live = new LiveSubjects(subjects, dispatcher, thread);
    }

    void open() {
        dispatcher.subscribe(subjects.digests());
        thread.scheduleWithFixedDelay(this::beat, BEAT_MS, BEAT_MS, TimeUnit.MILLISECONDS);
    }

    /** From now on only some messages are wanted: those that are followed. */
    void narrow() {
        narrowed = true;
    }

    void follow(ChannelPattern pattern) {
        live.follow(pattern);
    }

    void unfollow(ChannelPattern pattern) {
        live.unfollow(pattern);
    }

    synchronized boolean mayListen() {
        return mayListen;
    }

    boolean isListening() {
        return teller != null;
    }

    /** Whether nobody tells this hub anything. */
    boolean isSilent() {
        return teller == null || silentMs() > SILENT_MS;
    }

    private long silentMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heard);
    }

    /**
     * This hub follows the stream itself, from {@code position} on.
     *
     * @param mayEnd whether the broker hands on the stream's messages, so that another may do it
     */
    synchronized void beginRun(String epoch, long position, boolean mayEnd) {
        writer.restart(epoch, position);
        mayListen = mayEnd;
        running = true;
        runSince = System.nanoTime();
    }

    /** This hub's run has found what comes next. */
    void add(Entry entry) {
        writer.add(entry);
    }

    private synchronized void beat() {
        if (running) {
            writer.write();
        }
    }

    /** Whoever tells this hub has stopped for no reason that is known. */
    synchronized void distrust() {
        if (teller != null) {
            LOG.info("hub {} has told nothing for {} ms", teller, silentMs());
            distrusted = teller;
            distrustedAt = System.nanoTime();
        }
    }

    /** Ends what this hub has of the stream, told or found itself. */
    synchronized void stop() {
        running = false;
        teller = null;
        live.turn(false);
    }

    private void onMessage(Message message) {
        if (message.getSubject().equals(subjects.digests())) {
            Digest.decoded(message.getData()).ifPresent(this::onDigest);
        } else {
            intake.arrived(message);
        }
    }

    private synchronized void onDigest(Digest digest) {
        NatsView view = intake.view();
        if (view == null || digest.writer().equals(name)) {
            return;
        }
        boolean fits =
                digest.epoch().equals(view.head().epoch()) && digest.from() <= intake.known();
        if (!digest.writer().equals(teller)) {
            if (!fits || !isToBeHeard(digest)) {
                return;
            }
            listenTo(digest.writer());
        } else if (!fits) {
            onTrouble.run();
            return;
        }
        heard = System.nanoTime();
        intake.take(digest);
    }

    private boolean isToBeHeard(Digest digest) {
        String better = teller == null ? name : teller;
        return digest.writer().compareTo(better) < 0
                && digest.to() >= intake.known() - MOST_BEHIND
                && !(digest.writer().equals(distrusted) && isWithin(distrustedAt, DISTRUST_MS))
                && (teller != null || isSettled());
    }

    private boolean isSettled() {
        return narrowed && mayListen && running && !isWithin(runSince, SETTLED_MS);
    }

    private static boolean isWithin(long since, long ms) {
        return System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(ms);
    }

    private void listenTo(String writerName) {
        LOG.debug("hub {} tells where everything stands", writerName);
        teller = writerName;
        if (running) {
            running = false;
            live.turn(true);
            endRun.run();
        }
    }
}
