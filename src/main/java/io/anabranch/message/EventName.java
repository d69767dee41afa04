package io.anabranch.message;

/** The rules for a message's {@code event} (protocol, section 2). */
public final class EventName {
    /** What a message is called when its publisher says nothing; left out on the wire. */
    public static final String DEFAULT = "message";

    public static final int MAX_LENGTH = 255;
    private static final String RESERVED = "hub.";

    private EventName() {}

    /**
     * Gives {@code event} back, or the default for an empty one.
     *
     * @throws Refusal {@code bad_request} for control characters, more than 255 characters, or the
     *     hub's own names
     */
    public static String check(String event) {
        if (event.isEmpty()) {
            return DEFAULT;
        }
        if (event.startsWith(RESERVED)) {
            throw Refusal.badValue("event", event, "a name that does not begin with hub.");
        }
        if (event.length() > MAX_LENGTH || hasForbidden(event)) {
            throw Refusal.badValue("event", event, "at most 255 characters, no control characters");
        }
        return event;
    }

    private static boolean hasForbidden(String event) {
        for (int i = 0; i < event.length(); ) {
            int c = event.codePointAt(i);
            if (isForbidden(c)) {
                return true;
            }
            i += Character.charCount(c);
        }
        return false;
    }

    private static boolean isForbidden(int c) {
        return Character.isISOControl(c)
                || c == 0x2028
                || c == 0x2029
                || Character.getType(c) == Character.SURROGATE;
    }
}
