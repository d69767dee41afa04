package io.anabranch.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.log.nats.NatsFailure;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other hubs, as messages of NATS show them. Each says once a second that it lives, and counts
 * as ended when it has not for {@link #LOST_MS} or says so. While this hub itself is cut off, or
 * stood still, it cannot know, and takes all others for alive. What is heard is handled on the one
 * thread that it is given.
 */
final class NatsPeers implements Peers {
    /** After this silence another hub has ended, in ms. */
    static final long LOST_MS = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(NatsPeers.class);
    private static final long BEAT_MS = 1_000;

    /** A hub that has not heard itself for so long hears nobody, in ms. */
    private static final long DEAF_MS = 2_500;

    private static final Refusal NOBODY =
            new Refusal(Reason.UNAVAILABLE, "another hub is away (expected: to come back later)");

    private final Connection connection;
    private final ScheduledExecutorService thread;
    private final String subjects;
    private final String id;
    private final Watch watch;
    private final Dispatcher dispatcher;
    private final String inbox;

    /** When each was heard last, by {@link System#nanoTime()}. */
    private final Map<String, Long> heard = new ConcurrentHashMap<>();

    private final Map<String, Responder> responders = new ConcurrentHashMap<>();
    private final Map<String, Asking> asked = new HashMap<>();
    private final AtomicLong questions = new AtomicLong();

    /** When this hub's own sign of life came back from the broker. */
    private long heardSelf = System.nanoTime();

    /** Hears of the others; called on the thread of the cluster. */
    interface Watch {
        /** What goes out with each sign of life. */
        long mark();

        /** Another hub lives; {@code mark} is what it sent along. */
        void alive(String hub, long mark);

        /**
         * @param agoMs when it was heard of last
         */
        void ended(String hub, long agoMs);
    }

    /**
     * @param subjects what all subjects begin with
     * @param id this hub's, as the others know it
     */
    NatsPeers(
            Connection connection,
            ScheduledExecutorService thread,
            String subjects,
            String id,
            Watch watch) {
        this.connection = connection;
        this.thread = thread;
        this.subjects = subjects;
        this.id = id;
        this.watch = watch;
        this.dispatcher = connection.createDispatcher();
        this.inbox = connection.createInbox();
    }

    void begin() {
        listen(subjects + "beat", this::onBeat);
        listen(subjects + "ask." + id + ".*", this::onQuestion);
        listen(inbox + ".*", this::onAnswer);
        publishBeat("hello");
        thread.scheduleWithFixedDelay(
                Threads.guarded(this::beat), BEAT_MS, BEAT_MS, TimeUnit.MILLISECONDS);
    }

    /** Handles what comes on a subject. */
    void listen(String subject, Consumer<Message> handler) {
        dispatcher.subscribe(
                subject, message -> thread.execute(Threads.guarded(() -> handler.accept(message))));
    }

    private void beat() {
        long now = System.nanoTime();
        if (ms(now - heardSelf) > DEAF_MS) {
            // Nobody could be heard; each has its time again.
            heard.replaceAll((hub, last) -> now);
        }
        publishBeat("alive");
        for (Map.Entry<String, Long> other : heard.entrySet()) {
            long silent = ms(now - other.getValue());
            if (silent > LOST_MS) {
                LOG.warn("hub {} has not been heard of for {} ms", other.getKey(), silent);
                forget(other.getKey(), silent);
            }
        }
    }

    private void publishBeat(String says) {
        JsonObject beat =
                new JsonObject().put("hub", id).put("says", says).put("mark", watch.mark());
        publish(subjects + "beat", null, beat.toBuffer().getBytes());
    }

    private void onBeat(Message message) {
        JsonObject beat = new JsonObject(new String(message.getData(), UTF_8));
        String hub = beat.getString("hub");
        if (hub.equals(id)) {
            heardSelf = System.nanoTime();
            return;
        }
        String says = beat.getString("says");
        if (says.equals("bye")) {
            LOG.info("hub {} has stopped", hub);
            forget(hub, 0);
            return;
        }
        if (heard.put(hub, System.nanoTime()) == null) {
            LOG.info("hub {} is here", hub);
        }
        if (says.equals("hello")) {
            publishBeat("alive");
        }
        watch.alive(hub, beat.getLong("mark"));
    }

    private void forget(String hub, long agoMs) {
        if (heard.remove(hub) != null) {
            watch.ended(hub, agoMs);
        }
    }

    /** False when the connection is lost. */
    boolean publish(String subject, @Nullable String replyTo, byte[] data) {
        try {
            connection.publish(subject, replyTo, data);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Override
    public void answer(String topic, Responder responder) {
        responders.put(topic, responder);
    }

    private void onQuestion(Message message) {
        String topic = message.getSubject().substring((subjects + "ask." + id + ".").length());
        Responder responder = responders.get(topic);
        Future<List<JsonObject>> answer;
        try {
            JsonObject question = new JsonObject(new String(message.getData(), UTF_8));
            answer =
                    responder == null
                            ? Future.succeededFuture(List.of())
                            : responder.answer(question);
        } catch (RuntimeException e) {
            LOG.error("another hub's question about {} failed", topic, e);
            answer = Future.failedFuture(e);
        }
        String replyTo = message.getReplyTo();
        answer.onSuccess(items -> reply(replyTo, Parts.of(items)))
                .onFailure(failure -> reply(replyTo, List.of(Parts.failure(failure))));
    }

    private void reply(String replyTo, List<byte[]> parts) {
        try {
            parts.forEach(part -> publish(replyTo, null, part));
        } catch (IllegalArgumentException e) {
            publish(replyTo, null, Parts.failure(tooLarge("answer")));
        }
    }

    private Refusal tooLarge(String what) {
        return new Refusal(
                Reason.TOO_LARGE,
                what
                        + ": too large for another hub (expected: at most the broker's max_payload, "
                        + connection.getMaxPayload()
                        + ")");
    }

    @Override
    public Future<List<List<JsonObject>>> askAll(String topic, JsonObject question) {
        if (connection.getStatus() != Connection.Status.CONNECTED) {
            return Future.failedFuture(NatsFailure.away());
        }
        List<Future<List<JsonObject>>> answers =
                heard.keySet().stream().map(hub -> ask(hub, topic, question, ASK_MS)).toList();
        return Future.all(answers).map(all -> all.<List<JsonObject>>list());
    }

    @Override
    public Future<List<JsonObject>> askAny(String topic, JsonObject question, long timeoutMs) {
        List<String> hubs = new ArrayList<>(heard.keySet());
        Collections.shuffle(hubs);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        return askNext(hubs, topic, question, end);
    }

    private Future<List<JsonObject>> askNext(
            List<String> hubs, String topic, JsonObject question, long end) {
        if (hubs.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        List<String> others = hubs.subList(1, hubs.size());
        return ask(hubs.get(0), topic, question, Math.max(1, ms(end - System.nanoTime())))
                .recover(
                        failure ->
                                failure == NOBODY
                                        ? Future.succeededFuture(List.of())
                                        : Future.failedFuture(failure))
                .compose(
                        answer ->
                                answer.isEmpty()
                                        ? askNext(others, topic, question, end)
                                        : Future.succeededFuture(answer));
    }

    /** Asks one hub. */
    Future<List<JsonObject>> ask(String hub, String topic, JsonObject question, long timeoutMs) {
        Asking asking = new Asking(inbox + "." + questions.incrementAndGet(), timeoutMs);
        byte[] data = question.toBuffer().getBytes();
        thread.execute(() -> asking.begin(subjects + "ask." + hub + "." + topic, data));
        return asking.promise.future();
    }

    private void onAnswer(Message message) {
        Asking asking = asked.get(message.getSubject());
        if (asking != null) {
            asking.take(message);
        }
    }

    /** A question to one hub. For the cluster's thread. */
    private final class Asking {
        final Promise<List<JsonObject>> promise = Promise.promise();
        private final Parts.Joined answer = new Parts.Joined();
        private final String replyTo;
        private final long timeoutMs;
        private @Nullable ScheduledFuture<?> timer;

        Asking(String replyTo, long timeoutMs) {
            this.replyTo = replyTo;
            this.timeoutMs = timeoutMs;
        }

        void begin(String subject, byte[] data) {
            asked.put(replyTo, this);
            startTimer();
            try {
                if (!publish(subject, replyTo, data)) {
                    fail(NatsFailure.away());
                }
            } catch (IllegalArgumentException e) {
                fail(tooLarge("question"));
            }
        }

        private void startTimer() {
            timer = thread.schedule(() -> fail(late()), timeoutMs, TimeUnit.MILLISECONDS);
        }

        private Refusal late() {
            return new Refusal(
                    Reason.UNAVAILABLE,
                    "another hub: no answer in "
                            + timeoutMs
                            + " ms (expected: one; what has ended is known to have after "
                            + LOST_MS
                            + " ms)");
        }

        void take(Message message) {
            if (message.isStatusMessage()) {
                fail(NOBODY);
                return;
            }
            try {
                stopTimer();
                if (answer.take(message.getData())) {
                    asked.remove(replyTo);
                    promise.tryComplete(answer.items());
                } else {
                    startTimer();
                }
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        private void fail(RuntimeException failure) {
            stopTimer();
            asked.remove(replyTo);
            promise.tryFail(failure);
        }

        private void stopTimer() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }

    /** Tells the others that this hub stops. */
    void sayGoodbye() {
        publishBeat("bye");
    }

    /** Asks the others to say at once that they live. */
    void sayHello() {
        publishBeat("hello");
    }

    private static long ms(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
