package io.anabranch.log.sqlite;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

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
    @Label("Kind")
    final String kind;

    /** Beside the writer are {@code COPY} and {@code SYNC}, which make up a checkpoint. */
    enum Kind {
        COMMIT,
        RETENTION,
        SIZE_LIMIT,
        INDEX,
        DEDUP,
        COPY,
        SYNC,
        /** What the writer does of a checkpoint. */
        RESTART
    }

    /** What is measured. */
    interface Work<E extends Exception> {
        void run() throws E;
    }

    private Step(Kind kind) {
        this.kind = kind.name();
    }

    static <E extends Exception> void run(Kind kind, Work<E> work) throws E {
        Step step = new Step(kind);
        step.begin();
        try {
            work.run();
        } finally {
            step.commit();
        }
    }
}
