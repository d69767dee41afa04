package io.anabranch.log.nats;

import io.anabranch.log.SeqRing;

/**
 * When the messages were stored, to about a second: for retention by age, which needs no message
 * for it. Guarded by the {@link NatsView}.
 */
final class Ages {
    private static final long STEP_MS = 1_000;

    private final SeqRing seqs = new SeqRing();
    private final SeqRing times = new SeqRing();
    private long newestSeq;
    private long newestTime;

    /** Takes in the time, in ms since 1970 UTC, of the message at {@code seq}; in log order. */
    void note(long seq, long time) {
        newestSeq = seq;
        newestTime = Math.max(newestTime, time);
        if (times.size() == 0 || newestTime >= times.get(times.size() - 1) + STEP_MS) {
            seqs.add(seq);
            times.add(newestTime);
        }
    }

    /** All messages up to here were stored before {@code time}; 0 when none is known to be. */
    long before(long time) {
        if (newestTime < time) {
            return newestSeq;
        }
        int later = times.firstAfter(time - 1);
        return later == 0 ? 0 : seqs.get(later - 1);
    }

    /** Forgets what no channel asks for that keeps nothing from before {@code time}. */
    void forgetBefore(long time) {
        while (times.size() > 1 && times.get(1) < time) {
            seqs.removeFirst();
            times.removeFirst();
        }
    }
}
