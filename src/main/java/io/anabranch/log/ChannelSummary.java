package io.anabranch.log;

import io.anabranch.message.Channel;
import io.anabranch.message.MessageId;

/**
 * What the log holds of one channel.
 *
 * @param head the newest message that there ever was
 * @param messages how many are held
 */
public record ChannelSummary(Channel channel, MessageId head, long messages) {}
