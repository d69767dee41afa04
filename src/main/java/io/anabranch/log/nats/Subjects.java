package io.anabranch.log.nats;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import org.jspecify.annotations.Nullable;

/**
 * A subject for each channel, and back. A channel's name is cut behind each {@code :}, {@code /}
 * and {@code .} into the subject's tokens, so that a namespace can be asked for with a wildcard;
 * the dot itself, which separates tokens, becomes {@code =}, which no channel has: {@code chat:a.b}
 * is {@code chat:.a=.b}.
 *
 * @param stream the first token of all subjects
 */
record Subjects(String stream) {
    /** What stands for any rest of a subject. */
    static final String ANY = ">";

    private static final char DOT = '=';

    /** All subjects of the stream. */
    String all() {
        return stream + "." + ANY;
    }

    String message(Channel channel) {
        return messages() + tokens(channel.name());
    }

    /** Where it is recorded up to where retention has removed a channel's messages. */
    String cut(Channel channel) {
        return cuts() + tokens(channel.name());
    }

    /** Where it is recorded that the stream lost messages which had been acknowledged. */
    String epoch() {
        return stream + ".epoch";
    }

    /** The channel whose message has this subject; null when it is no message's. */
    @Nullable Channel messageChannel(String subject) {
        return channel(messages(), subject);
    }

    /** The channel whose cut is recorded there; null when it is no cut's. */
    @Nullable Channel cutChannel(String subject) {
        return channel(cuts(), subject);
    }

    /** The messages of all channels. */
    String allMessages() {
        return messages() + ANY;
    }

    /** Where the broker hands on all messages as it stores them. */
    String allLive() {
        return live() + ANY;
    }

    /**
     * Where the broker hands on the messages of a pattern's channels as it stores them, with some
     * of others; without the one channel that ends where the pattern's wildcard begins.
     */
    String live(ChannelPattern pattern) {
        String prefix = pattern.prefix();
        if (pattern.isExact()) {
            return live() + tokens(prefix);
        }
        int end = prefix.length();
        while (end > 0 && !isSeparator(prefix.charAt(end - 1))) {
            end--;
        }
        return live() + (end == 0 ? ANY : tokens(prefix.substring(0, end)) + "." + ANY);
    }

    /** Where hubs tell each other what stands in the stream. */
    String digests() {
        return stream + "-hubs.digest";
    }

    private String live() {
        return stream + "-hubs.message.";
    }

    private String messages() {
        return stream + ".message.";
    }

    private String cuts() {
        return stream + ".cut.";
    }

    private static String tokens(String name) {
        StringBuilder tokens = new StringBuilder(name.length() + 8);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            tokens.append(c == '.' ? DOT : c);
            if (i < name.length() - 1 && isSeparator(c)) {
                tokens.append('.');
            }
        }
        return tokens.toString();
    }

    private static boolean isSeparator(char c) {
        return c == ':' || c == '/' || c == '.';
    }

    private static @Nullable Channel channel(String prefix, String subject) {
        if (!subject.startsWith(prefix)) {
            return null;
        }
        String name = subject.substring(prefix.length()).replace(".", "").replace(DOT, '.');
        return Channel.isValid(name) ? new Channel(name) : null;
    }
}
