package io.anabranch.log.sqlite;

import io.anabranch.log.SeqIndex;
import io.anabranch.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * The newest messages, all after one place, up to so many bytes; those that are not in the file yet
 * stay in any case. Guarded by the {@link View}.
 */
final class HotCache {
    /** What a message takes beside its own bytes, about. */
    private static final int OVERHEAD_BYTES = 256;

    private final long maxBytes;
    private final SeqIndex<Message> messages = new SeqIndex<>();
    private long from;
    private long newest;
    private long written;
    private long bytes;

    HotCache(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Begins after {@code seq}: what lies up to there is in the file. */
    void begin(long seq) {
        from = seq;
        newest = seq;
        written = seq;
    }

    /** All messages after this place are here. */
    long from() {
        return from;
    }

    void put(Message message) {
        newest = message.id().seq();
        messages.put(newest, message);
        bytes += bytes(message);
        shrink();
    }

    /** The message at {@code seq}; null where there is none, or none any more. */
    @Nullable Message get(long seq) {
        return messages.get(seq);
    }

    /** All up to {@code seq} is in the file. */
    void written(long seq) {
        written = Math.max(written, seq);
        shrink();
    }

    /** Lets go of what is in the file, up to {@code seq}. */
    void evict(long seq) {
        long end = Math.min(seq, written);
        while (from < end) {
            removeOldest();
        }
    }

    private void shrink() {
        long end = Math.min(newest, written);
        while (bytes > maxBytes && from < end) {
            removeOldest();
        }
    }

    private void removeOldest() {
        from++;
        Message message = messages.get(from);
        if (message != null) {
            bytes -= bytes(message);
            messages.remove(from);
        }
    }

    private static long bytes(Message message) {
        return message.size() + OVERHEAD_BYTES;
    }
}
