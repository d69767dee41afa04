package io.anabranch.bench;

import io.anabranch.message.Channel;
import io.anabranch.message.Refusal;
import java.util.OptionalLong;

/**
 * What a run does.
 *
 * @param connections how many readers
 * @param transports what carries them
 * @param channels how many channels; reader i reads channel i modulo this
 * @param prefix the channels are called this and a number, from 0 on
 * @param pattern each reader subscribes to all channels, by the pattern {@code prefix*}
 * @param conflateMs of each channel at most one message in that time, in ms; 0 for all
 * @param rate messages a second, over all publishers; 0 for none
 * @param payloadBytes the size of a message's data
 * @param publishers how many connections publish
 * @param publish how they do
 * @param warmupMs published before the measuring begins, in ms
 * @param durationMs how long is measured, in ms
 * @param connectRate connections made a second
 * @param threads event loops of the readers
 * @param seed of everything that is random
 * @param pid the hub's process on this machine
 */
public record Settings(
        int connections,
        TransportMix transports,
        int channels,
        String prefix,
        boolean pattern,
        int conflateMs,
        int rate,
        int payloadBytes,
        int publishers,
        PublishMode publish,
        long warmupMs,
        long durationMs,
        int connectRate,
        int threads,
        long seed,
        OptionalLong pid) {
    private static final int MAX_CONFLATE_MS = 60_000;
    private static final int MAX_NUMBER_DIGITS = 9;
    private static final int MAX_STREAMS = 10_000_000;

    /**
     * @throws Refusal {@code bad_request} when a value is out of its range
     */
    public Settings {
        requireWithin("--connections", connections, 1, 1_000_000);
        requireWithin("--channels", channels, 1, 1_000_000);
        requireWithin("--conflate", conflateMs, 0, MAX_CONFLATE_MS);
        requireWithin("--rate", rate, 0, 10_000_000);
        requireWithin("--payload", payloadBytes, Payload.MIN_BYTES, 16 << 20);
        requireWithin("--publishers", publishers, 1, 10_000);
        requireWithin(
                "--publishers times --channels", (long) publishers * channels, 1, MAX_STREAMS);
        requireWithin("--warmup", warmupMs, 0, 3_600_000);
        requireWithin("--duration", durationMs, 1, 7 * 86_400_000L);
        requireWithin("--connect-rate", connectRate, 1, 1_000_000);
        requireWithin("--threads", threads, 1, 256);
        if (!Channel.isValid(prefix) || prefix.length() + MAX_NUMBER_DIGITS > Channel.MAX_LENGTH) {
            throw Refusal.badValue("--channel-prefix", prefix, "the start of a channel's name");
        }
    }

    private static void requireWithin(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw Refusal.badValue(name, value, least + " to " + most);
        }
    }

    /** The name of a channel. */
    String channel(int index) {
        return prefix + index;
    }

    /** The channel that a reader subscribes to, or the pattern. */
    String subscribedBy(int reader) {
        return pattern ? prefix + "*" : channel(reader % channels);
    }

    /** Whether a reader is to get what is published on a channel. */
    boolean isSubscribed(int reader, int channel) {
        return pattern || reader % channels == channel;
    }
}
