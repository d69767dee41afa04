package io.anabranch.log.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.log.nats.NatsView.Place;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.JetStream;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.nats.client.support.Status;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The connection to the broker, and what is asked of the stream without waiting. */
final class Broker implements AutoCloseable {
    /** How long an answer may take, in ms; what is asked of a broker that went away ends then. */
    static final Duration TIMEOUT = NatsConnection.TIMEOUT;

    /** How long what is asked again and again may take: so little that it is soon asked again. */
    private static final Duration RETRIED = Duration.ofSeconds(1);

    /** What the headers of one message take at most, beside its own event and user. */
    private static final int HEADER_BYTES = 512;

    private final String stream;
    private final Connection connection;
    private final JetStream jetStream;
    private volatile Duration patience = TIMEOUT;

    /**
     * Connects. Blocks.
     *
     * @param onChange hears of each connection that is made or lost
     * @throws Refusal when no server can be reached, or none takes the credentials
     */
    Broker(NatsOptions options, ConnectionListener onChange) {
        this.stream = options.stream();
        connection = NatsConnection.open(options, "anabranch", onChange);
        try {
            jetStream = connection.jetStream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean isConnected() {
        return connection.getStatus() == Connection.Status.CONNECTED;
    }

    Connection connection() {
        return connection;
    }

    /** What fails is tried again from now on. */
    void retrying() {
        patience = RETRIED;
    }

    /** What the broker is asked for where the answer is waited for. */
    JetStreamManagement management() throws IOException {
        return connection.jetStreamManagement(
                JetStreamOptions.builder().requestTimeout(patience).build());
    }

    /** The largest message that the broker takes, in bytes, about. */
    long maxMessageBytes() {
        return connection.getServerInfo().getMaxPayload() - HEADER_BYTES;
    }

    /** Stores a message; the answer is the stream's. */
    CompletableFuture<PublishAck> publish(String subject, Headers headers, byte[] data) {
        try {
            return jetStream
                    .publishAsync(
                            NatsMessage.builder()
                                    .subject(subject)
                                    .headers(headers)
                                    .data(data)
                                    .build())
                    .orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IllegalStateException e) {
            // The connection was lost just now.
            return CompletableFuture.failedFuture(NatsFailure.away());
        }
    }

    /** Tells whoever listens, if it can; nobody answers. */
    void tell(String subject, byte[] data) {
        try {
            connection.publish(subject, data);
        } catch (IllegalStateException e) {
            // The connection was lost just now; whoever listens finds that something is missing.
        }
    }

    /** Asks for the message at a place; empty when there is none. */
    Future<Optional<Message>> message(Place place, MessageId id) {
        return request("$JS.API.DIRECT.GET." + stream, new JsonObject().put("seq", place.seq()))
                .map(answer -> message(answer, place, id));
    }

    /** The same, of the one server that knows it for certain. */
    Future<Optional<Message>> messageOfLeader(Place place, MessageId id) {
        return request("$JS.API.STREAM.MSG.GET." + stream, new JsonObject().put("seq", place.seq()))
                .map(
                        answer -> {
                            MessageInfo found = new MessageInfo(answer, stream, false);
                            if (!found.hasError()) {
                                return Optional.of(message(found, place, id));
                            }
                            if (found.getApiErrorCode() == NatsFailure.NO_MESSAGE_FOUND) {
                                return Optional.empty();
                            }
                            throw NatsFailure.away();
                        });
    }

    private Optional<Message> message(io.nats.client.Message answer, Place place, MessageId id) {
        if (answer.isStatusMessage()) {
            if (answer.getStatus().getCode() == Status.NOT_FOUND_CODE) {
                return Optional.empty();
            }
            throw NatsFailure.away();
        }
        return Optional.of(message(new MessageInfo(answer, stream, true), place, id));
    }

    private static Message message(MessageInfo found, Place place, MessageId id) {
        byte[] data = found.getData() == null ? new byte[0] : found.getData();
        long stored = found.getTime() == null ? 0 : found.getTime().toInstant().toEpochMilli();
        return Codec.message(id, place.prev(), place.channel(), found.getHeaders(), data, stored);
    }

    /** The newest place of the stream. */
    Future<Long> lastSeq() {
        return request("$JS.API.STREAM.INFO." + stream, new JsonObject())
                .map(
                        answer -> {
                            JsonObject state =
                                    new JsonObject(new String(answer.getData(), UTF_8))
                                            .getJsonObject("state");
                            if (state == null) {
                                throw NatsFailure.away();
                            }
                            return state.getLong("last_seq");
                        });
    }

    /**
     * Removes what stands at a place. Not by a purge, which is cheaper, since that makes the 2.9
     * server's consumers skip messages that they have not delivered yet.
     */
    Future<Void> delete(long seq) {
        JsonObject what = new JsonObject().put("seq", seq).put("no_erase", true);
        return request("$JS.API.STREAM.MSG.DELETE." + stream, what).mapEmpty();
    }

    private Future<io.nats.client.Message> request(String subject, JsonObject body) {
        try {
            return Future.fromCompletionStage(
                            connection.requestWithTimeout(
                                    subject, body.encode().getBytes(UTF_8), TIMEOUT))
                    .recover(failure -> Future.failedFuture(NatsFailure.away()));
        } catch (IllegalStateException e) {
            return Future.failedFuture(NatsFailure.away());
        }
    }

    @Override
    public void close() throws InterruptedException {
        connection.close();
    }
}
