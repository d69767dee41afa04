package io.anabranch.client;

import java.util.concurrent.ThreadLocalRandom;

/** How long things may take, in ms. */
final class Timing {
    /** A WebSocket that is not ready by then gets an SSE stream beside it. */
    static final long HEAD_START = 300;

    /** A link that has answered for so long is trusted. */
    static final long STEADY = 5_000;

    /** A link that is not ready by then has failed. */
    static final long OPEN_WITHIN = 10_000;

    /** A living hub answers a ping in this time. */
    static final long ANSWER_WITHIN = 2_000;

    /** A REST request without an answer by then is a broken connection. */
    static final long REQUEST_WITHIN = 30_000;

    /** A token is renewed so long before it expires, or at half its life when that is shorter. */
    static final long RENEW_BEFORE = 30_000;

    /** How often the link is looked at, when the hub names no shorter heartbeat. */
    static final long LONGEST_TICK = 20_000;

    /**
     * A publish that may have arrived is not sent again later than this: with a last request it
     * stays within the two minutes for which a hub knows a repeat.
     */
    static final long REPEAT_WITHIN = 90_000;

    /** Waits between attempts: anything up to a bound that doubles with each of them. */
    enum Backoff {
        RECONNECT(500, 30_000),
        PROBE(2_000, 120_000);

        final long first;
        private final long most;

        Backoff(long first, long most) {
            this.first = first;
            this.most = most;
        }

        long wait(int attempt) {
            long bound = Math.min(most, first << Math.min(attempt, 20));
            return ThreadLocalRandom.current().nextLong(bound + 1);
        }
    }

    private Timing() {}

    static long now() {
        return System.nanoTime() / 1_000_000;
    }
}
