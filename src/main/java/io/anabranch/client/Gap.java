package io.anabranch.client;

import io.anabranch.message.MessageId;
import java.util.Optional;

/**
 * Messages that cannot be had.
 *
 * @param channel the pattern itself, where the past of all its channels is lost
 * @param after the last position that is known to be complete
 * @param resumed the position from which all is complete again
 * @param reason {@code expired}, {@code reset}, {@code overflow} or {@code unavailable}
 */
public record Gap(
        String channel, Optional<MessageId> after, Optional<MessageId> resumed, String reason) {}
