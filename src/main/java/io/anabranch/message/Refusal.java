package io.anabranch.message;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that was asked for and is not done, in words for the one who asked. Expected and cheap:
 * it carries no stack trace. The message gives the value and what was expected.
 */
public final class Refusal extends RuntimeException {
    private static final int SHOWN = 80;

    /** Why, as the protocol's {@code status} and {@code code} (section 3, RFC 9457). */
    public enum Reason {
        BAD_REQUEST(400),
        UNAUTHORIZED(401),
        FORBIDDEN(403),
        NOT_FOUND(404),
        METHOD_NOT_ALLOWED(405),
        NOT_ACCEPTABLE(406),
        REQUEST_TIMEOUT(408),
        CONFLICT(409),
        TOO_LARGE(413),
        UNSUPPORTED_MEDIA_TYPE(415),
        UNPROCESSABLE(422),
        UPGRADE_REQUIRED(426),
        TOO_MANY_REQUESTS(429),
        INTERNAL(500),
        NOT_AVAILABLE(501),
        UNAVAILABLE(503),
        STORAGE_FULL(507);

        private final int status;

        Reason(int status) {
            this.status = status;
        }

        /** The HTTP status, which a frame's {@code error} repeats. */
        public int status() {
            return status;
        }

        /** The stable word for programs: {@code bad_request}. */
        public String code() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        /** The reason of an HTTP status; {@link #INTERNAL} for one that the hub never answers. */
        public static Reason ofStatus(int status) {
            for (Reason reason : values()) {
                if (reason.status == status) {
                    return reason;
                }
            }
            return status >= 400 && status < 500 ? UNPROCESSABLE : INTERNAL;
        }
    }

    private final Reason reason;
    private final int status;
    private final List<String> channels;
    private final @Nullable Limit limit;

    public Refusal(Reason reason, String message) {
        this(reason, message, List.of());
    }

    /**
     * @param channels the channels or patterns that it is about
     */
    public Refusal(Reason reason, String message, List<String> channels) {
        this(reason, reason.status(), message, channels, null);
    }

    private Refusal(
            Reason reason,
            int status,
            String message,
            List<String> channels,
            @Nullable Limit limit) {
        super(message, null, false, false);
        this.reason = reason;
        this.status = status;
        this.channels = List.copyOf(channels);
        this.limit = limit;
    }

    /**
     * What goes beyond a limit: {@code data: 70000 bytes (expected: at most 65536,
     * limits.message)}.
     *
     * @param value what was asked for
     * @param most what the limit allows
     */
    public static Refusal overLimit(Reason reason, Limit limit, String value, Object most) {
        String text = value + " (expected: at most " + most + ", " + limit.setting() + ")";
        return new Refusal(reason, reason.status(), text, List.of(), limit);
    }

    /**
     * What somebody behind the hub refused with any HTTP status. Where the hub has no word for it,
     * the code is {@code unprocessable} for a 4xx and {@code internal} for a 5xx.
     */
    public static Refusal ofStatus(int status, String message) {
        return new Refusal(Reason.ofStatus(status), status, message, List.of(), null);
    }

    /** The channels or patterns that it is about; empty where it is about none. */
    public List<String> channels() {
        return channels;
    }

    /** The limit that it went beyond; empty where it is about none. */
    public Optional<Limit> limit() {
        return Optional.ofNullable(limit);
    }

    public Reason reason() {
        return reason;
    }

    public int status() {
        return status;
    }

    public String code() {
        return reason.code();
    }

    /** The text of {@link #getMessage()}, never null. */
    public String explanation() {
        return String.valueOf(getMessage());
    }

    /** Input that breaks the grammar: {@code limit: -1 (expected: 1 to 1000)}. */
    public static Refusal badValue(String name, Object value, String expected) {
        return badRequest(name + ": " + shown(value) + " (expected: " + expected + ")");
    }

    public static Refusal badRequest(String message) {
        return new Refusal(Reason.BAD_REQUEST, message);
    }

    /** A value as it may be repeated to a client: short, and without control characters. */
    public static String shown(@Nullable Object value) {
        String text = String.valueOf(value);
        String cut = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
        return "\"" + cut.replaceAll("\\p{Cntrl}", "\uFFFD") + "\"";
    }
}
