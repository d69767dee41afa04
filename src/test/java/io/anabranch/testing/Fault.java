package io.anabranch.testing;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * What a {@link FaultProxy} does to connections for as long as it is set.
 *
 * @param delayMs how much later bytes go on, in ms, both ways
 * @param sliceBytes bytes go on in pieces of 1 to so many, each in a segment of its own; 0 for
 *     whole
 * @param buffered an event stream's body is held back, as some proxies do until the response ends
 * @param door what becomes of a request
 * @param status what {@link Door#REFUSE} answers
 */
public record Fault(int delayMs, int sliceBytes, boolean buffered, Door door, int status) {
    /** What becomes of a request when it arrives. */
    public enum Door {
        /** It goes on to the hub. */
        PASS,
        /** It is answered with a status and closed. */
        REFUSE,
        /** It goes on without {@code Upgrade}, as if something on the way knew no WebSocket. */
        STRIP,
        /** It is read and never answered. */
        BLACK_HOLE
    }

    public static final Fault NONE = new Fault(0, 0, false, Door.PASS, 0);

    public static Fault delay(int ms) {
        return new Fault(ms, 0, false, Door.PASS, 0);
    }

    public static Fault slice(int bytes) {
        return new Fault(0, bytes, false, Door.PASS, 0);
    }

    public static Fault buffer() {
        return new Fault(0, 0, true, Door.PASS, 0);
    }

    public static Fault refuse(int status) {
        return new Fault(0, 0, false, Door.REFUSE, status);
    }

    public static Fault strip() {
        return new Fault(0, 0, false, Door.STRIP, 0);
    }

    public static Fault blackHole() {
        return new Fault(0, 0, false, Door.BLACK_HOLE, 0);
    }

    /**
     * As the control port takes it: {@code {"delay":20,"slice":3,"door":"refuse","status":503}}.
     */
    static Fault of(JsonObject json) {
        Door door = Door.valueOf(constant(json.getString("door", "pass")));
        return new Fault(
                json.getInteger("delay", 0),
                json.getInteger("slice", 0),
                json.getBoolean("buffer", false),
                door,
                door == Door.REFUSE ? json.getInteger("status", 503) : 0);
    }

    /** {@code black-hole} is {@code BLACK_HOLE}. */
    static String constant(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
