package io.anabranch.log;

/** Rising places of the log: added at the end, removed at the start. Not safe for threads. */
public final class SeqRing {
    private static final long[] EMPTY = {};
    private static final int SMALLEST = 4;

    private long[] seqs = EMPTY;
    private int first;
    private int size;

    public int size() {
        return size;
    }

    /** The {@code i}-th, from 0, the oldest. */
    public long get(int i) {
        return seqs[(first + i) & (seqs.length - 1)];
    }

    public void add(long seq) {
        if (size == seqs.length) {
            grow();
        }
        seqs[(first + size++) & (seqs.length - 1)] = seq;
    }

    public long removeFirst() {
        long seq = get(0);
        first = (first + 1) & (seqs.length - 1);
        size--;
        return seq;
    }

    /** The index of the first place after {@code after}; {@link #size()} when there is none. */
    public int firstAfter(long after) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(middle) > after) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void grow() {
        long[] larger = new long[Math.max(SMALLEST, seqs.length * 2)];
        for (int i = 0; i < size; i++) {
            larger[i] = get(i);
        }
        seqs = larger;
        first = 0;
    }
}
