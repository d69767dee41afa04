package io.anabranch;

import io.anabranch.stream.Frames.GapReason;

/**
 * Messages that a subscription asked for and the log no longer holds (protocol, section 5).
 *
 * @param channel whose they were; the pattern, where the log's past is lost as a whole
 * @param after the cursor behind which they were
 * @param reason retention took them ({@code EXPIRED}, or {@code OVERFLOW} where the handler was too
 *     slow), or the log has begun anew ({@code RESET})
 */
public record Gap(String channel, String after, GapReason reason) {}
