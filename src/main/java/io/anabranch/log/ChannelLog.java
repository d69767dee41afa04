package io.anabranch.log;

import io.anabranch.message.Channel;

/** Which places of the log belong to one channel, and the cut. */
final class ChannelLog {
    private final Channel channel;
    private final Retention retention;
    private final SeqRing seqs = new SeqRing();
    private long lastSeq;
    private long cut;

    ChannelLog(Channel channel, Retention retention) {
        this.channel = channel;
        this.retention = retention;
    }

    Channel channel() {
        return channel;
    }

    Retention retention() {
        return retention;
    }

    int size() {
        return seqs.size();
    }

    /** The newest message that the channel ever had; 0 for none. */
    long lastSeq() {
        return lastSeq;
    }

    /** The newest message that retention has removed; 0 for none. */
    long cut() {
        return cut;
    }

    /** The place of the {@code i}-th message held, from 0, the oldest. */
    long seq(int i) {
        return seqs.get(i);
    }

    void add(long seq) {
        seqs.add(seq);
        lastSeq = seq;
    }

    /** Removes the oldest message, which becomes the cut. */
    long removeFirst() {
        cut = seqs.removeFirst();
        return cut;
    }

    /** The index of the first message after {@code after}; {@link #size()} when there is none. */
    int firstAfter(long after) {
        return seqs.firstAfter(after);
    }
}
