package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.vertx.core.Vertx;
import java.util.function.LongSupplier;

/** Ends a connection when its token does (protocol, section 7). For its event loop alone. */
final class Expiry {
    /** The system's clock may be set while a timer runs, so it is looked at this often, in ms. */
    private static final long LONGEST_WAIT_MS = 5_000;

    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final LongSupplier clock;
    private final Runnable onExpired;
    private long timer = NO_TIMER;

    Expiry(Vertx vertx, Runnable onExpired) {
        this(vertx, System::currentTimeMillis, onExpired);
    }

    /**
     * @param clock ms since 1970 UTC
     */
    Expiry(Vertx vertx, LongSupplier clock, Runnable onExpired) {
        this.vertx = vertx;
        this.clock = clock;
        this.onExpired = onExpired;
    }

    /**
     * Sets or moves the end.
     *
     * @param expiresAtMs in ms since 1970 UTC, or {@link Principal#NEVER}
     */
    void at(long expiresAtMs) {
        cancel();
        if (expiresAtMs == Principal.NEVER) {
            return;
        }
        long left = expiresAtMs - clock.getAsLong();
        if (left <= 0) {
            onExpired.run();
            return;
        }
        timer = vertx.setTimer(Math.min(left, LONGEST_WAIT_MS), unused -> at(expiresAtMs));
    }

    void cancel() {
        if (timer != NO_TIMER) {
            vertx.cancelTimer(timer);
            timer = NO_TIMER;
        }
    }
}
