package io.anabranch.message;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A message's place in the log, {@code k4x9-1042} (protocol, section 1).
 *
 * @param epoch 4 to 8 of {@code a-z0-9}; another one when the log's past is lost
 * @param seq grows over the whole log and may skip; 0 stands before the first message
 */
public record MessageId(String epoch, long seq) {
    private static final Pattern GRAMMAR = Pattern.compile("([a-z0-9]{4,8})-(0|[1-9][0-9]{0,17})");

    /**
     * @throws Refusal {@code bad_request} when {@code text} is no id; {@code name} says whose
     */
    public static MessageId parse(String name, String text) {
        Matcher matcher = GRAMMAR.matcher(text);
        if (!matcher.matches()) {
            throw Refusal.badValue(name, text, "an id as the hub gave it, such as k4x9-1042");
        }
        return new MessageId(matcher.group(1), Long.parseLong(matcher.group(2)));
    }

    /** The same epoch at another place. */
    public MessageId at(long otherSeq) {
        return new MessageId(epoch, otherSeq);
    }

    @Override
    public String toString() {
        return epoch + "-" + seq;
    }
}
