package io.anabranch.log.sqlite;

import io.anabranch.log.Retention;
import io.anabranch.log.SeqRing;
import io.anabranch.message.Channel;

/**
 * One channel: where it stands, and which places are its own. The older places are found by the
 * table {@code channel_index}, the newer ones by a ring in memory. Changed by the writer alone, and
 * but for {@link #assigned} under the lock of the {@link View}.
 */
final class ChannelState {
    private final long id;
    private final Channel channel;
    private final Retention retention;

    /** Places after {@link #indexed} and after {@link #cut}. */
    private final SeqRing tail = new SeqRing();

    private long head;
    private long cut;
    private long indexed;
    private long indexedCount;

    /** Whether readers may have met it; the writer's own. */
    private boolean shown;

    /** The newest place given to a message, which may not be committed yet; the writer's own. */
    private long assigned;

    /** No message held stands before this place; retention's own. */
    private long oldest;

    /** Places up to this one need not be looked for to be removed; the sweeper's own. */
    private long swept;

    /** How many entries of the table belong to messages that are gone; the sweeper's own. */
    private int leftovers;

    ChannelState(long id, Channel channel, Retention retention) {
        this.id = id;
        this.channel = channel;
        this.retention = retention;
    }

    /** Takes up what the file says. */
    void restore(long storedHead, long storedCut, long storedCount, long storedIndexed) {
        head = storedHead;
        assigned = storedHead;
        cut = storedCut;
        indexedCount = storedCount;
        indexed = storedIndexed;
    }

    long id() {
        return id;
    }

    Channel channel() {
        return channel;
    }

    Retention retention() {
        return retention;
    }

    SeqRing tail() {
        return tail;
    }

    /** The newest message that readers see, or that there ever was; 0 for none. */
    long head() {
        return head;
    }

    /** All messages up to here are gone; 0 for none. */
    long cut() {
        return cut;
    }

    /** Up to here the places are in the table, from the next one on in the ring. */
    long indexed() {
        return indexed;
    }

    /** How many messages are held whose places are in the table. */
    long indexedCount() {
        return indexedCount;
    }

    /** How many messages are held. */
    long count() {
        return indexedCount + tail.size();
    }

    boolean isShown() {
        return shown;
    }

    void show() {
        shown = true;
    }

    long assigned() {
        return assigned;
    }

    void assign(long seq) {
        assigned = seq;
    }

    long oldest() {
        return Math.max(oldest, cut + 1);
    }

    void oldest(long seq) {
        oldest = seq;
    }

    long swept() {
        return swept;
    }

    int leftovers() {
        return leftovers;
    }

    void swept(long seq, int howManyLeftovers) {
        swept = seq;
        leftovers = howManyLeftovers;
    }

    void add(long seq) {
        tail.add(seq);
        head = seq;
        assigned = Math.max(assigned, seq);
    }

    /** The first {@code howMany} of the ring, up to {@code upTo}, are in the table now. */
    void indexed(int howMany, long upTo) {
        for (int i = 0; i < howMany; i++) {
            tail.removeFirst();
        }
        indexedCount += howMany;
        indexed = upTo;
    }

    /**
     * @param indexedLeft how many messages after the cut have their places in the table
     */
    void cut(long seq, long indexedLeft) {
        cut = seq;
        head = Math.max(head, seq);
        assigned = Math.max(assigned, seq);
        indexedCount = indexedLeft;
    }
}
