package io.anabranch.log.nats;

import io.anabranch.log.Retention;
import io.anabranch.log.SeqRing;
import io.anabranch.message.Channel;

/** Which places of the log belong to one channel, and the cut. Guarded by the {@link NatsView}. */
final class ChannelPlaces {
    private final Channel channel;
    private final Retention retention;
    private final SeqRing seqs = new SeqRing();
    private long cut;
    private long cutRecord;

    ChannelPlaces(Channel channel, Retention retention) {
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

    /** The place of the {@code i}-th message held, from 0, the oldest. */
    long seq(int i) {
        return seqs.get(i);
    }

    /** The place of the message before the {@code i}-th; 0 for none. */
    long before(int i) {
        return i > 0 ? seqs.get(i - 1) : cut;
    }

    /** The index of the first message after {@code after}; {@link #size()} when there is none. */
    int firstAfter(long after) {
        return seqs.firstAfter(after);
    }

    void add(long seq) {
        seqs.add(seq);
    }

    long removeFirst() {
        return seqs.removeFirst();
    }

    /** The newest message that retention has removed; 0 for none. */
    long cut() {
        return cut;
    }

    /** Where in the stream the cut is recorded; 0 for nowhere. */
    long cutRecord() {
        return cutRecord;
    }

    void cut(long seq, long record) {
        cut = seq;
        cutRecord = record;
    }
}
