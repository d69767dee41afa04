package io.anabranch.log.nats;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.nats.client.JetStreamApiException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/** What the broker's failures mean to those who publish and read. */
public final class NatsFailure {
    static final int WRONG_LAST_SEQUENCE = 10071;
    static final int STREAM_NOT_FOUND = 10059;
    static final int NO_MESSAGE_FOUND = 10037;
    static final int STREAM_IS_ANOTHER = 10058;

    /** Insufficient resources, storage; maximum messages, bytes. */
    private static final Set<Integer> FULL = Set.of(10023, 10047, 10028, 10122, 10077);

    private NatsFailure() {}

    public static Refusal away() {
        return new Refusal(
                Reason.UNAVAILABLE, "the log's broker is away (expected: to come back later)");
    }

    static Refusal unknown() {
        return new Refusal(
                Reason.UNAVAILABLE,
                "the log's broker did not answer, so it is not known whether this was stored"
                        + " (expected: to be repeated with a dedup key)");
    }

    static Refusal closed() {
        return new Refusal(Reason.UNAVAILABLE, "the log is closed (expected: to come back later)");
    }

    static Refusal busy() {
        return new Refusal(
                Reason.UNAVAILABLE, "too much waits for the log (expected: to come back later)");
    }

    static Refusal tooLarge(long size, long most) {
        return new Refusal(
                Reason.TOO_LARGE,
                "message: "
                        + size
                        + " bytes with its headers (expected: at most the broker's max_payload, "
                        + most
                        + ")");
    }

    /** Why a publish was not stored, or not known to be. */
    public static Refusal ofAppend(Throwable failure) {
        Optional<JetStreamApiException> refused = refusedByTheStream(failure);
        if (refused.map(e -> FULL.contains(e.getApiErrorCode())).orElse(false)) {
            return new Refusal(
                    Reason.STORAGE_FULL,
                    "the log has no room to store it: "
                            + refused.get().getMessage()
                            + " (expected: some, in the broker's store)");
        }
        return unknown();
    }

    /** Whether nobody answered in time, as a broker that has too much to do. */
    static boolean isTimeout(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof TimeoutException;
    }

    /** Whether somebody else has written there since it was read. */
    public static boolean isWrongLastSequence(Throwable failure) {
        return refusedByTheStream(failure)
                .map(e -> e.getApiErrorCode() == WRONG_LAST_SEQUENCE)
                .orElse(false);
    }

    /** What the stream answered, where it did; the client wraps it in several ways. */
    static Optional<JetStreamApiException> refusedByTheStream(Throwable failure) {
        Throwable cause = failure;
        while (cause != null) {
            if (cause instanceof JetStreamApiException e) {
                return Optional.of(e);
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
