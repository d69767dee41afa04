package io.anabranch.log;

/**
 * How long a channel's messages are kept, and how safely.
 *
 * @param messages how many of the newest are kept, per channel
 * @param ageMs how old one may become, in ms
 * @param durable whether an acknowledgement waits until the message is on stable storage
 */
public record Retention(int messages, long ageMs, boolean durable) {}
