package io.anabranch.log;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * From which message on the system's clock had been set, and by how much: the time in a message is
 * the system's and does not tell its age. What an earlier process wrote counts as written by the
 * clock that this one began with. Not safe for threads.
 */
public final class ClockSteps {
    /** Two readings of two clocks are never of one moment. */
    private static final long TOLERANCE_MS = 1_000;

    /** Of a clock that is set all the time the first steps are forgotten. */
    private static final int MOST = 1_000;

    /** Newest first. */
    private final Deque<Step> steps = new ArrayDeque<>();

    private record Step(long firstSeq, long byMs) {}

    /** To be called for each message, in order. */
    public void note(long seq, long wallMs, long steadyMs) {
        long byMs = wallMs - steadyMs;
        long known = steps.isEmpty() ? 0 : steps.getFirst().byMs();
        if (Math.abs(byMs - known) > TOLERANCE_MS) {
            steps.addFirst(new Step(seq, byMs));
            if (steps.size() > MOST) {
                steps.removeLast();
            }
        }
    }

    /**
     * When a message was appended, by {@link LogClock#steadyMs()}.
     *
     * @param wallMs the time in it
     */
    public long steadyMs(long seq, long wallMs) {
        for (Step step : steps) {
            if (step.firstSeq() <= seq) {
                return wallMs - step.byMs();
            }
        }
        return wallMs;
    }

    /** How far the clock ever was behind, in ms: 0 or less. */
    public long furthestBackMs() {
        return steps.stream().mapToLong(Step::byMs).filter(byMs -> byMs < 0).min().orElse(0);
    }
}
