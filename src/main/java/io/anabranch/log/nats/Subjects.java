package io.anabranch.log.nats;

import io.anabranch.message.Channel;
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
    private static final char DOT = '=';

    /** All subjects of the stream. */
    String all() {
        return stream + ".>";
    }

    String message(Channel channel) {
        return messages() + tokens(channel);
    }

    /** Where it is recorded up to where retention has removed a channel's messages. */
    String cut(Channel channel) {
        return cuts() + tokens(channel);
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

    private String messages() {
        return stream + ".message.";
    }

    private String cuts() {
        return stream + ".cut.";
    }

    private static String tokens(Channel channel) {
        String name = channel.name();
        StringBuilder tokens = new StringBuilder(name.length() + 8);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            tokens.append(c == '.' ? DOT : c);
            if (i < name.length() - 1 && (c == ':' || c == '/' || c == '.')) {
                tokens.append('.');
            }
        }
        return tokens.toString();
    }

    private static @Nullable Channel channel(String prefix, String subject) {
        if (!subject.startsWith(prefix)) {
            return null;
        }
        String name = subject.substring(prefix.length()).replace(".", "").replace(DOT, '.');
        return Channel.isValid(name) ? new Channel(name) : null;
    }
}
