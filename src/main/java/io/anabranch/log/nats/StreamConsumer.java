package io.anabranch.log.nats;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsJetStreamMetaData;
import io.nats.client.support.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One run through the stream from a place on: all messages, in order, none left out. It ends itself
 * when the broker's numbering shows that one was lost on the way, and somebody begins another.
 */
final class StreamConsumer {
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration INACTIVE = Duration.ofSeconds(30);
    private static final byte[] NOTHING = {};

    private final Connection connection;
    private final Sink sink;
    private final Dispatcher dispatcher;
    private volatile long heard = System.nanoTime();
    private volatile boolean stopped;
    private long taken;

    /** Takes what the stream holds; called on one thread. */
    interface Sink {
        /**
         * @param seq the message's place
         * @param stored when the broker stored it, in ms since 1970 UTC
         * @param pending how many more there are by now
         */
        void take(Message message, long seq, long stored, long pending);

        /** Something was lost on the way. */
        void lost();
    }

    private StreamConsumer(Connection connection, Sink sink) {
        this.connection = connection;
        this.sink = sink;
        this.dispatcher = connection.createDispatcher();
        dispatcher.setPendingLimits(-1, -1);
    }

    /**
     * Begins. Blocks until the broker has agreed.
     *
     * @param from the first place
     * @param headersOnly whether to leave out what the messages hold
     */
    static StreamConsumer start(
            Broker broker, String stream, long from, boolean headersOnly, Sink sink)
            throws IOException, JetStreamApiException {
        Connection connection = broker.connection();
        StreamConsumer consumer = new StreamConsumer(connection, sink);
        try {
            String inbox = connection.createInbox();
            consumer.dispatcher.subscribe(inbox, consumer::onMessage);
            broker.management()
                    .addOrUpdateConsumer(
                            stream,
                            ConsumerConfiguration.builder()
                                    .deliverSubject(inbox)
                                    .deliverPolicy(DeliverPolicy.ByStartSequence)
                                    .startSequence(from)
                                    .ackPolicy(AckPolicy.None)
                                    .maxDeliver(1)
                                    .flowControl(HEARTBEAT)
                                    .inactiveThreshold(INACTIVE)
                                    .headersOnly(headersOnly)
                                    .memStorage(true)
                                    .numReplicas(1)
                                    .build());
            return consumer;
        } catch (IOException | JetStreamApiException | RuntimeException e) {
            consumer.stop();
            throw e;
        }
    }

    private void onMessage(Message message) {
        if (stopped) {
            return;
        }
        heard = System.nanoTime();
        if (message.isStatusMessage()) {
            onStatus(message);
            return;
        }
        NatsJetStreamMetaData place = message.metaData();
        if (place.consumerSequence() != taken + 1) {
            lost();
            return;
        }
        taken++;
        sink.take(
                message,
                place.streamSequence(),
                place.timestamp().toInstant().toEpochMilli(),
                place.pendingCount());
    }

    private void onStatus(Message message) {
        Status status = message.getStatus();
        if (status.isFlowControl()) {
            connection.publish(message.getReplyTo(), NOTHING);
            return;
        }
        Headers headers = message.getHeaders();
        if (status.isHeartbeat() && headers != null) {
            String stalled = headers.getFirst("Nats-Consumer-Stalled");
            if (stalled != null) {
                connection.publish(stalled, NOTHING);
            }
            if (Codec.number(headers, "Nats-Last-Consumer") > taken) {
                lost();
            }
        }
    }

    private void lost() {
        stop();
        sink.lost();
    }

    /** For how long nothing has come, not even a heartbeat, in ms. */
    long silentMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heard);
    }

    /** Nothing is taken any more; the broker forgets the rest by itself. */
    void stop() {
        stopped = true;
        try {
            connection.closeDispatcher(dispatcher);
        } catch (IllegalArgumentException | IllegalStateException e) {
            // It was closed before, with its connection or by itself.
        }
    }
}
