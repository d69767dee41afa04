package io.anabranch.log.sqlite;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * One step of work on the file, as Java Flight Recorder shows it: what kept the writer, and for how
 * long. It costs next to nothing while nobody records.
 */
@Name("anabranch.LogStep")
@Label("Log step")
@Category("Anabranch")
@Description("A step of work on the log's file")
@StackTrace(false)
final class Step extends Event {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @Label("Kind")
    final String kind;

    @Label("Amount")
    @Description("Rows that it touched; of COPY and RESTART, pages of the write-ahead log")
    long amount;

    @Label("CPU time")
    @Description("What the duration is above this, it waited for the disk or a processor")
    @Timespan(Timespan.NANOSECONDS)
    long cpu;

    /** Beside the writer are {@code COPY} and {@code SYNC}, which make up a checkpoint. */
    enum Kind {
        COMMIT,
        /** Cuts what the channels need not keep. */
        RETENTION,
        SIZE_LIMIT,
        /** Removes what was cut. */
        SWEEP,
        INDEX,
        DEDUP,
        COPY,
        SYNC,
        /** What the writer does of a checkpoint. */
        RESTART
    }

    /** What is measured. */
    interface Work<E extends Exception> {
        /** Gives how much it was: rows, or pages. */
        long run() throws E;
    }

    private Step(Kind kind) {
        this.kind = kind.name();
    }

    static <E extends Exception> void run(Kind kind, Work<E> work) throws E {
        Step step = new Step(kind);
        step.begin();
        long before = step.isEnabled() ? THREADS.getCurrentThreadCpuTime() : 0;
        try {
            step.amount = work.run();
        } finally {
            step.end();
            if (step.shouldCommit()) {
                step.cpu = THREADS.getCurrentThreadCpuTime() - before;
                step.commit();
            }
        }
    }
}
