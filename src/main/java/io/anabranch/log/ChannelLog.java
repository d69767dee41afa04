package io.anabranch.log;

import io.anabranch.message.Channel;

/** Which places of the log belong to one channel: a ring of rising {@code seq}s, and the cut. */
final class ChannelLog {
    private final Channel channel;
    private final Retention retention;
    private long[] seqs = new long[4];
    private int first;
    private int size;
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
        return size;
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
        return seqs[(first + i) & (seqs.length - 1)];
    }

    void add(long seq) {
        if (size == seqs.length) {
            grow();
        }
        seqs[(first + size++) & (seqs.length - 1)] = seq;
        lastSeq = seq;
    }

    /** Removes the oldest message, which becomes the cut. */
    long removeFirst() {
        cut = seq(0);
        first = (first + 1) & (seqs.length - 1);
        size--;
        return cut;
    }

    /** The index of the first message after {@code after}; {@link #size()} when there is none. */
    int firstAfter(long after) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (seq(middle) > after) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void grow() {
        long[] larger = new long[seqs.length * 2];
        for (int i = 0; i < size; i++) {
            larger[i] = seq(i);
        }
        seqs = larger;
        first = 0;
    }
}
