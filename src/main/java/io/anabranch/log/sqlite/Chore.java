package io.anabranch.log.sqlite;

import java.sql.SQLException;

/** One of the things that the writer does for the file between commits, a step at a time. */
interface Chore {
    Step.Kind kind();

    /**
     * @param written no message after this place is in the file yet
     */
    boolean hasWork(long written);

    /** How many times too much waits for it; 0 when not too much does. */
    default int backlog() {
        return 0;
    }

    /**
     * One step, which ends when the budget is spent.
     *
     * @param written no message after this place is in the file yet
     * @throws SQLException when nothing of the step counts; it will be tried again
     */
    void step(long written, Budget budget) throws SQLException;
}
