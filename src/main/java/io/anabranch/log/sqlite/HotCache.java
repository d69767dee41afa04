package io.anabranch.log.sqlite;

import io.anabranch.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * The newest messages, all after one place, up to so many bytes; those that are not in the file yet
 * stay in any case. Guarded by the {@link View}.
 */
final class HotCache {
    /** What a message takes beside its own bytes, about. */
    private static final int OVERHEAD_BYTES = 256;

    private static final int SMALLEST = 64;

    private final long maxBytes;
    private @Nullable Message[] ring = new @Nullable Message[SMALLEST];
    private int first;
    private int size;
    private long from;
    private long written;
    private long bytes;

    /**
     * @param head what lies up to there is in the file, or gone
     */
    HotCache(long maxBytes, long head) {
        this.maxBytes = maxBytes;
        this.from = head;
        this.written = head;
    }

    /** All messages after this place are here. */
    long from() {
        return from;
    }

    void put(Message message) {
        if (size == ring.length) {
            grow();
        }
        ring[(first + size++) & (ring.length - 1)] = message;
        bytes += bytes(message);
        shrink();
    }

    int size() {
        return size;
    }

    /** The {@code i}-th message, from 0, the oldest. */
    Message get(int i) {
        Message message = ring[(first + i) & (ring.length - 1)];
        if (message == null) {
            throw new IndexOutOfBoundsException(i + " (expected: below " + size + ")");
        }
        return message;
    }

    /** The message at {@code seq}; null where there is none, or none any more. */
    @Nullable Message at(long seq) {
        int i = firstAfter(seq - 1);
        return i < size && get(i).id().seq() == seq ? get(i) : null;
    }

    /** The index of the first message after {@code seq}; {@link #size()} when there is none. */
    int firstAfter(long seq) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(middle).id().seq() > seq) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** All up to {@code seq} is in the file. */
    void written(long seq) {
        written = Math.max(written, seq);
        shrink();
    }

    /** Lets go of what is in the file, up to {@code seq}. */
    void evict(long seq) {
        long end = Math.min(seq, written);
        while (size > 0 && get(0).id().seq() <= end) {
            removeOldest();
        }
        from = Math.max(from, end);
    }

    private void shrink() {
        while (bytes > maxBytes && size > 0 && get(0).id().seq() <= written) {
            removeOldest();
        }
    }

    private void removeOldest() {
        Message oldest = get(0);
        ring[first] = null;
        first = (first + 1) & (ring.length - 1);
        size--;
        from = oldest.id().seq();
        bytes -= bytes(oldest);
    }

    private void grow() {
        @Nullable Message[] larger = new @Nullable Message[ring.length * 2];
        for (int i = 0; i < size; i++) {
            larger[i] = get(i);
        }
        ring = larger;
        first = 0;
    }

    private static long bytes(Message message) {
        return message.size() + OVERHEAD_BYTES;
    }
}
