package io.anabranch.auth;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The tickets of one hub alone. Its futures are complete when they are returned. */
public final class MemoryTickets implements Tickets {
    /** How many unused tickets are kept at most. */
    public static final int DEFAULT_CAPACITY = 100_000;

    private final int capacity;
    private final LongSupplier clock;
    private final LongSupplier wallClock;
    private final Map<String, Issued> oldestFirst = new LinkedHashMap<>();

    /** With the default capacity, and a clock that steps of the system's time do not move. */
    public MemoryTickets() {
        this(DEFAULT_CAPACITY, () -> System.nanoTime() / 1_000_000, System::currentTimeMillis);
    }

    /**
     * @param clock milliseconds from any beginning, never going back
     * @param wallClock milliseconds since 1970 UTC, by which tokens expire
     */
    public MemoryTickets(int capacity, LongSupplier clock, LongSupplier wallClock) {
        this.capacity = capacity;
        this.clock = clock;
        this.wallClock = wallClock;
    }

    @Override
    public synchronized Future<String> issue(Principal principal) {
        forgetExpired();
        if (oldestFirst.size() >= capacity) {
            return Future.failedFuture(
                    new Refusal(
                            Reason.UNAVAILABLE,
                            "tickets: "
                                    + capacity
                                    + " are unused (expected: fewer, try again later)"));
        }
        String ticket = Tickets.fresh();
        oldestFirst.put(ticket, new Issued(principal, clock.getAsLong()));
        return Future.succeededFuture(ticket);
    }

    @Override
    public synchronized Future<Principal> redeem(String ticket) {
        forgetExpired();
        Issued issued = oldestFirst.remove(ticket);
        return issued == null
                ? Future.failedFuture(Tickets.unknown())
                : Tickets.unexpired(issued.principal(), wallClock.getAsLong());
    }

    private void forgetExpired() {
        long now = clock.getAsLong();
        Iterator<Issued> issued = oldestFirst.values().iterator();
        while (issued.hasNext() && now - issued.next().at() >= LIFETIME_MS) {
            issued.remove();
        }
    }

    private record Issued(Principal principal, long at) {}
}
