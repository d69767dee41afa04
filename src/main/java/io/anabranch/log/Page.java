package io.anabranch.log;

import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.List;

/**
 * One page of the log.
 *
 * @param messages in log order
 * @param gaps what was asked for and is no longer held, in log order; a gap stands before every
 *     message of its channel
 * @param reset the cursor was of another epoch: all that came after it there is lost
 * @param cursor the reader is complete up to here, and reads on after it
 * @param more whether there is more to read after {@code cursor} at once
 */
public record Page(
        List<Message> messages, List<Gap> gaps, boolean reset, MessageId cursor, boolean more) {

    /**
     * Messages of one channel that retention has removed.
     *
     * @param channel the channel's name
     * @param resumed the id of the last one removed: the {@code prev} of the first that follows
     */
    public record Gap(io.anabranch.message.Channel channel, MessageId resumed) {}
}
