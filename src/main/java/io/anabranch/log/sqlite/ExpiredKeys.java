package io.anabranch.log.sqlite;

import java.sql.SQLException;

/** Removes deduplication keys whose window is over. The writer's own. */
final class ExpiredKeys implements Chore {
    private final Store store;
    private long oldest;
    private boolean hasMore;

    ExpiredKeys(Store store) {
        this.store = store;
    }

    /**
     * Begins a round.
     *
     * @param oldestTime keys of before this time go, in ms since 1970
     */
    void begin(long oldestTime) {
        oldest = oldestTime;
        hasMore = true;
    }

    @Override
    public Step.Kind kind() {
        return Step.Kind.DEDUP;
    }

    @Override
    public boolean hasWork(long written) {
        return hasMore;
    }

    @Override
    public void step(long written, Budget budget) throws SQLException {
        int most = budget.left();
        store.transaction(false, () -> budget.spend(store.removeKeys(oldest, most)));
        hasMore = budget.spent() == most;
    }
}
