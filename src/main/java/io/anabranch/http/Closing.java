package io.anabranch.http;

import io.anabranch.message.Refusal;
import io.anabranch.metrics.Connections.Ended;
import io.anabranch.stream.Frames;
import io.vertx.core.json.JsonObject;

/**
 * Why the hub ends a connection (protocol, section 5). 4000 to 4499: do not come back as you are;
 * 4500 to 4999: come back, with the cursor.
 *
 * @param retryAfterMs when to come back, in ms; 0 leaves it to the client
 * @param ended as what it is counted
 */
record Closing(short code, String reason, long retryAfterMs, Ended ended) {
    static final Closing EXPIRED = new Closing((short) 4401, "token expired", 0, Ended.EXPIRED);
    static final Closing REVOKED = new Closing((short) 4401, "token revoked", 0, Ended.REVOKED);
    static final Closing DISCONNECTED =
            new Closing((short) 4403, "disconnected by an administrator", 0, Ended.DISCONNECTED);
    static final Closing HEARTBEAT_MISSED =
            new Closing((short) 4504, "heartbeat missed", 0, Ended.HEARTBEAT_MISSED);

    /**
     * The log could not be read, or what it holds not be written: the client may find another node,
     * or come back later.
     */
    static Closing failed() {
        return new Closing(
                (short) 4503, "the hub cannot serve this connection now", 1_000, Ended.FAILED);
    }

    /**
     * @param retryAfterMs when to come back, in ms
     */
    static Closing restarting(long retryAfterMs) {
        return new Closing((short) 4503, "restarting", retryAfterMs, Ended.RESTARTING);
    }

    /** What was asked for at the door is refused. */
    static Closing refused(Refusal refusal) {
        int code =
                switch (refusal.reason()) {
                    case UNAUTHORIZED -> 4401;
                    case FORBIDDEN -> 4403;
                    case TOO_LARGE -> 4413;
                    case BAD_REQUEST -> 4400;
                    default -> 4503;
                };
        return new Closing((short) code, refusal.explanation(), 0, Ended.REFUSED);
    }

    JsonObject frame() {
        return Frames.close(code, reason, retryAfterMs);
    }

    /** The reason as it fits into a close frame: at most 123 bytes (RFC 6455 §5.5). */
    String shortReason() {
        String ascii = reason.replaceAll("[^\\x20-\\x7e]", "?");
        return ascii.substring(0, Math.min(ascii.length(), 123));
    }
}
