package io.anabranch.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.log.nats.NatsConnection;
import io.anabranch.log.nats.NatsFailure;
import io.anabranch.log.nats.NatsOptions;
import io.anabranch.message.Refusal;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.KeyValueManagement;
import io.nats.client.PublishOptions;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.KeyValueStatus;
import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A key-value bucket of JetStream, without waiting. It is read where it is written, at the leader:
 * a replica may not know yet what another hub has just put. Safe for use by any thread.
 */
final class Bucket {
    private static final String OPERATION = "KV-Operation";
    private static final int NO_MESSAGE_FOUND = 10037;
    private static final int NO_SUCH_STREAM = 10059;

    private final Connection connection;
    private final JetStream jetStream;
    private final KeyValue keyValue;
    private final String name;

    private Bucket(Connection connection, String name) throws IOException {
        this.connection = connection;
        this.jetStream = connection.jetStream();
        this.keyValue = connection.keyValue(name);
        this.name = name;
    }

    /**
     * What is known of a key.
     *
     * @param revision the place of its last change; 0 when there was none
     */
    record Entry(long revision, Optional<JsonObject> value) {}

    /**
     * Opens a bucket, or makes it where there is none. Blocks.
     *
     * @param ttl how long an entry stays; zero for as long as nobody removes it
     * @throws Refusal when one is there that is another
     */
    static Bucket open(Connection connection, NatsOptions options, String what, Duration ttl)
            throws IOException, JetStreamApiException {
        String name = options.stream() + "-" + what;
        KeyValueManagement management = connection.keyValueManagement();
        KeyValueStatus status;
        try {
            status = management.getStatus(name);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NO_SUCH_STREAM) {
                throw e;
            }
            status =
                    management.create(
                            KeyValueConfiguration.builder()
                                    .name(name)
                                    .description("The " + what + " of Anabranch hubs")
                                    .ttl(ttl)
                                    .replicas(options.replicas())
                                    .build());
        }
        if (!ttl.equals(status.getTtl()) || status.getReplicas() != options.replicas()) {
            throw Refusal.badRequest(
                    "log.stream: the bucket "
                            + name
                            + " has a ttl of "
                            + status.getTtl()
                            + " and "
                            + status.getReplicas()
                            + " replicas (expected: "
                            + ttl
                            + " and log.replicas, "
                            + options.replicas()
                            + ")");
        }
        return new Bucket(connection, name);
    }

    /** For what may wait. */
    KeyValue keyValue() {
        return keyValue;
    }

    Future<Entry> get(String key) {
        JsonObject which = new JsonObject().put("last_by_subj", subject(key));
        return request("$JS.API.STREAM.MSG.GET.", which)
                .map(
                        answer -> {
                            MessageInfo found = new MessageInfo(answer, "KV_" + name, false);
                            if (found.hasError()) {
                                if (found.getApiErrorCode() == NO_MESSAGE_FOUND) {
                                    return new Entry(0, Optional.empty());
                                }
                                throw NatsFailure.away();
                            }
                            return entry(found);
                        });
    }

    private static Entry entry(MessageInfo found) {
        Headers headers = found.getHeaders();
        byte[] data = found.getData();
        boolean removed = headers != null && headers.getFirst(OPERATION) != null;
        return new Entry(
                found.getSeq(),
                removed || data == null
                        ? Optional.empty()
                        : Optional.of(new JsonObject(new String(data, UTF_8))));
    }

    /**
     * Sets a key's value, if its last change is still the one of {@code revision}. Fails otherwise,
     * as {@link NatsFailure#isWrongLastSequence} tells.
     */
    Future<Void> put(String key, JsonObject value, long revision) {
        return publish(key, new Headers(), value.encode().getBytes(UTF_8), revision);
    }

    /** Removes a key, under the condition of {@link #put}. */
    Future<Void> remove(String key, long revision) {
        return publish(key, new Headers().put(OPERATION, "DEL"), new byte[0], revision);
    }

    /** Removes what was put at {@code revision} without a trace: those who watch do not hear it. */
    Future<Void> forget(long revision) {
        return request("$JS.API.STREAM.MSG.DELETE.", new JsonObject().put("seq", revision))
                .mapEmpty();
    }

    private Future<Void> publish(String key, Headers headers, byte[] data, long revision) {
        try {
            return Future.fromCompletionStage(
                            jetStream
                                    .publishAsync(
                                            NatsMessage.builder()
                                                    .subject(subject(key))
                                                    .headers(headers)
                                                    .data(data)
                                                    .build(),
                                            PublishOptions.builder()
                                                    .expectedLastSubjectSequence(revision)
                                                    .build())
                                    .orTimeout(
                                            NatsConnection.TIMEOUT.toMillis(),
                                            TimeUnit.MILLISECONDS))
                    .<Void>mapEmpty()
                    .recover(
                            failure ->
                                    Future.failedFuture(
                                            NatsFailure.isWrongLastSequence(failure)
                                                    ? failure
                                                    : NatsFailure.ofAppend(failure)));
        } catch (IllegalStateException e) {
            return Future.failedFuture(NatsFailure.away());
        }
    }

    private Future<io.nats.client.Message> request(String api, JsonObject body) {
        try {
            return Future.fromCompletionStage(
                            connection.requestWithTimeout(
                                    api + "KV_" + name,
                                    body.encode().getBytes(UTF_8),
                                    NatsConnection.TIMEOUT))
                    .recover(failure -> Future.failedFuture(NatsFailure.away()));
        } catch (IllegalStateException e) {
            return Future.failedFuture(NatsFailure.away());
        }
    }

    private String subject(String key) {
        return "$KV." + name + "." + key;
    }
}
