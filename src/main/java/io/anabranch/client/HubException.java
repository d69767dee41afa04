package io.anabranch.client;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A refusal by the hub, or a failure on the way there. Without a stack: most are news, no end. */
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private static final Map<Integer, String> CLOSE_NAMES =
            Map.of(
                    400, "bad_request",
                    401, "unauthorized",
                    403, "forbidden",
                    409, "replaced",
                    413, "too_large",
                    503, "unavailable",
                    504, "heartbeat_missed",
                    508, "too_slow");

    private final int status;
    private final String code;
    private final String message;
    private final int closeCode;
    private final long retryAfterMs;
    private final transient List<String> channels;
    private final String channel;

    private HubException(
            int status,
            String code,
            String message,
            int closeCode,
            long retryAfterMs,
            List<String> channels,
            String channel) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.message = message;
        this.closeCode = closeCode;
        this.retryAfterMs = retryAfterMs;
        this.channels = channels;
        this.channel = channel;
    }

    HubException(int status, String code, String message) {
        this(status, code, message, 0, 0, List.of(), "");
    }

    static HubException disconnected(String message) {
        return new HubException(0, "disconnected", message);
    }

    static HubException closed() {
        return new HubException(0, "closed", "this client was closed");
    }

    static HubException badValue(String name, Object value, String expected) {
        String text = name + ": " + value + " (expected: " + expected + ")";
        return new HubException(400, "bad_request", text);
    }

    /** An {@code error} frame, or a problem (RFC 9457). */
    static HubException refusal(int status, JsonObject problem, long retryAfterMs) {
        String title = problem.getString("title", "HTTP " + status);
        String message = problem.getString("message", problem.getString("detail", title));
        List<String> channels =
                problem.getJsonArray("channels", new JsonArray()).stream()
                        .map(String::valueOf)
                        .toList();
        String code = problem.getString("code", "http");
        return new HubException(status, code, message, 0, retryAfterMs, channels, "");
    }

    /** A {@code close} frame or the end of a WebSocket; from 4000 on it carries the status. */
    static HubException closing(int code, String reason, long retryAfterMs) {
        if (code < 4000) {
            return disconnected("the connection was closed (" + code + ")");
        }
        String name = CLOSE_NAMES.getOrDefault(code - 4000, "closed");
        return new HubException(code - 4000, name, reason, code, retryAfterMs, List.of(), "");
    }

    static HubException of(Throwable failure) {
        return failure instanceof HubException known
                ? known
                : disconnected(failure.getClass().getSimpleName() + ": " + failure.getMessage());
    }

    HubException of(String refusedChannel) {
        return new HubException(
                status, code, message, closeCode, retryAfterMs, channels, refusedChannel);
    }

    /** The HTTP status, over WebSocket too; 0 where there was no answer. */
    public int status() {
        return status;
    }

    /** A stable word: {@code forbidden}, {@code disconnected}, {@code queue_full}. */
    public String code() {
        return code;
    }

    /** Of the subscription that was refused. */
    public Optional<String> channel() {
        return channel.isEmpty() ? Optional.empty() : Optional.of(channel);
    }

    /** Those that the hub named. */
    List<String> channels() {
        return channels;
    }

    /** How long the hub wishes to be left alone, in ms. */
    public long retryAfterMs() {
        return retryAfterMs;
    }

    /** Close codes 4000 to 4499 and status 204: do not come back. */
    boolean isFinal() {
        return status == 204 || (closeCode >= 4000 && closeCode < 4500);
    }

    boolean isClose() {
        return closeCode != 0;
    }

    /** Refused by the hub itself for what was asked, so that asking again is no use. */
    boolean isRefusal() {
        boolean passing = status == 401 || status == 408 || status == 429;
        return !isClose() && !code.equals("http") && status >= 400 && status < 500 && !passing;
    }
}
