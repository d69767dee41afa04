package io.anabranch.log.nats;

import io.anabranch.message.Refusal;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.Republish;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the stream where there is none, and looks at one that is there. Blocks. */
final class StreamSetup {
    private static final Logger LOG = LoggerFactory.getLogger(StreamSetup.class);
    private static final int INVALID_CONFIGURATION = 10052;

    /** The broker takes no shorter one. */
    private static final Duration SHORTEST_WINDOW = Duration.ofMillis(100);

    private final Broker broker;
    private final NatsOptions options;
    private final Subjects subjects;

    StreamSetup(Broker broker, NatsOptions options) {
        this.broker = broker;
        this.options = options;
        this.subjects = new Subjects(options.stream());
    }

    /**
     * The stream as it is now.
     *
     * @param epoch another whenever the stream's past was lost
     * @param lastSeq its newest place
     * @param handsOn whether the broker hands on its messages as it stores them
     */
    record Found(String epoch, long lastSeq, boolean handsOn) {}

    /**
     * @throws Refusal when the stream is not as it must be
     */
    Found ensure() throws IOException, JetStreamApiException {
        JetStreamManagement management = broker.management();
        StreamInfo info = infoOrMade(management);
        check(info.getConfiguration());
        return new Found(
                epoch(management, info),
                info.getStreamState().getLastSequence(),
                handsOn(management, info.getConfiguration()));
    }

    private StreamInfo infoOrMade(JetStreamManagement management)
            throws IOException, JetStreamApiException {
        try {
            return management.getStreamInfo(options.stream());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NatsFailure.STREAM_NOT_FOUND) {
                throw e;
            }
        }
        try {
            StreamInfo made = management.addStream(wanted());
            LOG.info("stream {} made", options.stream());
            return made;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NatsFailure.STREAM_IS_ANOTHER) {
                throw e;
            }
            return management.getStreamInfo(options.stream());
        }
    }

    private Republish handedOn() {
        return new Republish(subjects.allMessages(), subjects.allLive(), false);
    }

    /**
     * Whether the broker hands on the stream's messages as it stores them; a stream that was made
     * before is changed, if the broker can. (Server 2.9 cannot.)
     */
    private boolean handsOn(JetStreamManagement management, StreamConfiguration is)
            throws IOException, JetStreamApiException {
        Republish found = is.getRepublish();
        if (!options.byInterest() || found != null) {
            return found != null && found.toJson().equals(handedOn().toJson());
        }
        try {
            management.updateStream(StreamConfiguration.builder(is).republish(handedOn()).build());
            LOG.info("stream {} hands on its messages from now on", options.stream());
            return true;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != INVALID_CONFIGURATION) {
                throw e;
            }
            return false;
        }
    }

    private StreamConfiguration wanted() {
        Duration window = Duration.ofMillis(options.dedupWindowMs());
        return StreamConfiguration.builder()
                .name(options.stream())
                .description("The log of Anabranch hubs")
                .subjects(subjects.all())
                .storageType(StorageType.File)
                .retentionPolicy(RetentionPolicy.Limits)
                .discardPolicy(DiscardPolicy.New)
                .replicas(options.replicas())
                .duplicateWindow(window.compareTo(SHORTEST_WINDOW) < 0 ? SHORTEST_WINDOW : window)
                .allowDirect(true)
                .republish(options.byInterest() ? handedOn() : null)
                .build();
    }

    /** Whatever the broker removed by itself would be a gap that nobody knows of. */
    private void check(StreamConfiguration is) {
        StreamConfiguration wanted = wanted();
        List<String> wrong = new ArrayList<>();
        compare(wrong, "subjects", is.getSubjects(), wanted.getSubjects());
        compare(wrong, "storage", is.getStorageType(), wanted.getStorageType());
        compare(wrong, "retention", is.getRetentionPolicy(), wanted.getRetentionPolicy());
        compare(wrong, "discard", is.getDiscardPolicy(), wanted.getDiscardPolicy());
        compare(wrong, "max_age", is.getMaxAge(), wanted.getMaxAge());
        compare(
                wrong,
                "max_msgs_per_subject",
                is.getMaxMsgsPerSubject(),
                wanted.getMaxMsgsPerSubject());
        compare(wrong, "num_replicas", is.getReplicas(), wanted.getReplicas());
        compare(wrong, "duplicate_window", is.getDuplicateWindow(), wanted.getDuplicateWindow());
        compare(wrong, "allow_direct", is.getAllowDirect(), wanted.getAllowDirect());
        if (!wrong.isEmpty()) {
            throw Refusal.badRequest(
                    "log.stream: the stream "
                            + options.stream()
                            + " is not as this hub's log must be: "
                            + String.join("; ", wrong));
        }
    }

    private static void compare(List<String> wrong, String name, Object is, Object wanted) {
        if (!Objects.equals(is, wanted)) {
            wrong.add(name + " is " + is + " (expected: " + wanted + ")");
        }
    }

    /** What was recorded when the stream was found to have lost messages, or when it was made. */
    private String epoch(JetStreamManagement management, StreamInfo info)
            throws IOException, JetStreamApiException {
        try {
            MessageInfo record = management.getLastMessage(options.stream(), subjects.epoch());
            Headers headers = record.getHeaders();
            String epoch = headers == null ? null : headers.getFirst(Codec.EPOCH);
            if (epoch != null) {
                return epoch;
            }
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NatsFailure.NO_MESSAGE_FOUND) {
                throw e;
            }
        }
        return epochOf(info.getCreateTime().toInstant().toEpochMilli());
    }

    /** Records that acknowledged messages are gone from the stream, so that ids begin anew. */
    void beginEpoch(long nowMs) throws IOException, JetStreamApiException {
        LOG.error("the stream has lost messages that it had acknowledged: a new epoch begins");
        Headers headers = new Headers().put(Codec.EPOCH, epochOf(nowMs)).put("Nats-Rollup", "sub");
        broker.connection()
                .jetStream()
                .publish(
                        NatsMessage.builder()
                                .subject(subjects.epoch())
                                .headers(headers)
                                .data(new byte[0])
                                .build());
    }

    /** Eight characters until the year 2059. */
    private static String epochOf(long ms) {
        return Long.toString(ms, Character.MAX_RADIX);
    }
}
