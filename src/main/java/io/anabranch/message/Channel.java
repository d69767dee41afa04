package io.anabranch.message;

/**
 * A named stream, {@code chat:lobby} (protocol, section 1): 1 to 255 characters of {@code A-Z a-z
 * 0-9 . _ - : / @ ~}.
 */
public record Channel(String name) {
    public static final int MAX_LENGTH = 255;
    public static final String GRAMMAR = "1 to 255 characters of A-Z a-z 0-9 . _ - : / @ ~";

    /**
     * @throws Refusal {@code bad_request} when {@code name} is no channel name
     */
    public Channel {
        if (!isValid(name)) {
            throw Refusal.badValue("channel", name, GRAMMAR);
        }
    }

    /** The part before the first {@code :}, or the whole name where there is none. */
    public String namespace() {
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    @Override
    public String toString() {
        return name;
    }

    /** Whether it is a channel name; those of services have the same grammar. */
    public static boolean isValid(String name) {
        return !name.isEmpty() && name.length() <= MAX_LENGTH && hasOnlyChannelCharacters(name);
    }

    static boolean hasOnlyChannelCharacters(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean legal =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || ".-_:/@~".indexOf(c) >= 0;
            if (!legal) {
                return false;
            }
        }
        return true;
    }
}
