package io.anabranch.bench;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** What the hub has accepted. For all threads. */
final class Ledger {
    private final int channels;
    private final AtomicLongArray accepted;
    private final AtomicLongArray newest;
    private final AtomicLong total = new AtomicLong();

    Ledger(int publishers, int channels) {
        this.channels = channels;
        this.accepted = new AtomicLongArray(publishers * channels);
        this.newest = new AtomicLongArray(channels);
    }

    /**
     * @param seq its place in the log
     */
    void accept(Outgoing message, long seq) {
        accepted.incrementAndGet(message.publisher() * channels + message.channel());
        newest.accumulateAndGet(message.channel(), seq, Math::max);
        total.incrementAndGet();
    }

    long accepted(int publisher, int channel) {
        return accepted.get(publisher * channels + channel);
    }

    /** The place of a channel's newest message; 0 when there is none. */
    long newest(int channel) {
        return newest.get(channel);
    }

    long total() {
        return total.get();
    }

    /** How many deliveries are to come of it all, with these readers. */
    long deliveries(Settings settings) {
        long sum = 0;
        for (int channel = 0; channel < channels; channel++) {
            long messages = 0;
            for (int publisher = 0; publisher < settings.publishers(); publisher++) {
                messages += accepted(publisher, channel);
            }
            sum += messages * readers(settings, channel);
        }
        return sum;
    }

    private static long readers(Settings settings, int channel) {
        if (settings.pattern()) {
            return settings.connections();
        }
        int each = settings.connections() / settings.channels();
        return each + (channel < settings.connections() % settings.channels() ? 1 : 0);
    }
}
