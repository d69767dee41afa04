package io.anabranch.log.sqlite;

/** What one step of background work may do: so many rows, and for so long. */
final class Budget {
    private final int rows;
    private final Deadline end;
    private int spent;

    Budget(int rows, Deadline end) {
        this.rows = rows;
        this.end = end;
    }

    /** For work that is to be done at once, however long it takes. */
    static Budget unlimited() {
        return new Budget(Integer.MAX_VALUE, Deadline.in(Integer.MAX_VALUE));
    }

    void spend(int howMany) {
        spent += howMany;
    }

    int spent() {
        return spent;
    }

    /** How many rows are left. */
    int left() {
        return Math.max(0, rows - spent);
    }

    /** Whether the step ends here. */
    boolean isSpent() {
        return spent >= rows || end.isOver();
    }
}
