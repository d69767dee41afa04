package io.anabranch.mercure;

import io.anabranch.message.Channel;
import io.anabranch.message.Refusal;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Topics as channels, and back: each byte of a topic that no channel may have, and {@code ~}, is
 * written as {@code ~} and two hexadecimal digits. Private updates of a topic have a channel of
 * their own, so that who may read the public ones does not get them.
 */
final class Topics {
    /** No escape, so the channel of no topic begins with it. */
    static final String PRIVATE = "~private:";

    private static final char ESCAPE = '~';
    private static final String PLAIN = ".-_:/@";

    private Topics() {}

    /**
     * The channel of a topic's public or private updates.
     *
     * @throws Refusal {@code bad_request} for a topic that is empty or too long for a channel
     */
    static Channel channel(String topic, boolean isPrivate) {
        if (!isTopic(topic)) {
            throw Refusal.badValue(
                    "topic",
                    topic,
                    "1 to "
                            + (Channel.MAX_LENGTH - PRIVATE.length())
                            + " characters, of which those outside of A-Z a-z 0-9 . - _ : / @"
                            + " count three times a byte");
        }
        return new Channel((isPrivate ? PRIVATE : "") + escaped(topic));
    }

    /** Whether a topic has channels. */
    static boolean isTopic(String topic) {
        return !topic.isEmpty() && PRIVATE.length() + escaped(topic).length() <= Channel.MAX_LENGTH;
    }

    /** The topic whose updates are on a channel. */
    static String topic(Channel channel) {
        String name = channel.name();
        return unescaped(isPrivate(channel) ? name.substring(PRIVATE.length()) : name);
    }

    static boolean isPrivate(Channel channel) {
        return channel.name().startsWith(PRIVATE);
    }

    static String escaped(String topic) {
        StringBuilder name = new StringBuilder(topic.length());
        for (byte b : topic.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b)) {
                name.append((char) b);
            } else {
                name.append(ESCAPE)
                        .append(Character.toUpperCase(Character.forDigit((b >> 4) & 0xf, 16)))
                        .append(Character.toUpperCase(Character.forDigit(b & 0xf, 16)));
            }
        }
        return name.toString();
    }

    private static boolean isPlain(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || PLAIN.indexOf(b) >= 0;
    }

    private static String unescaped(String name) {
        if (name.indexOf(ESCAPE) < 0) {
            return name;
        }
        var topic = new ByteArrayOutputStream(name.length());
        for (int i = 0; i < name.length(); i++) {
            int escaped = name.charAt(i) == ESCAPE ? hexadecimal(name, i + 1) : -1;
            if (escaped >= 0) {
                topic.write(escaped);
                i += 2;
            } else {
                topic.write(name.charAt(i));
            }
        }
        return topic.toString(StandardCharsets.UTF_8);
    }

    /** The byte that two digits at {@code start} stand for; negative when they are none. */
    private static int hexadecimal(String name, int start) {
        if (start + 2 > name.length()) {
            return -1;
        }
        int high = Character.digit(name.charAt(start), 16);
        int low = Character.digit(name.charAt(start + 1), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}
