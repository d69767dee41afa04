package io.anabranch.log;

import io.anabranch.message.MessageId;

/**
 * What became of a draft.
 *
 * @param repeated whether its deduplication key had been seen: then {@code id} is the first one's
 */
public record Appended(MessageId id, boolean repeated) {}
