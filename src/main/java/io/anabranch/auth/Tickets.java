package io.anabranch.auth;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Tickets: each stands for a principal, once, for 30 s (protocol, section 6). For clients that can
 * set no header. Safe for use by any thread.
 */
public final class Tickets {
    /** How long a ticket is good, in ms. */
    public static final long LIFETIME_MS = 30_000;

    /** How many unused tickets are kept at most. */
    public static final int DEFAULT_CAPACITY = 100_000;

    private static final int RANDOM_BYTES = 32;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final SecureRandom random = new SecureRandom();
    private final int capacity;
    private final LongSupplier clock;
    private final LongSupplier wallClock;
    private final Map<String, Issued> oldestFirst = new LinkedHashMap<>();

    /** With the default capacity, and a clock that steps of the system's time do not move. */
    public Tickets() {
        this(DEFAULT_CAPACITY, () -> System.nanoTime() / 1_000_000, System::currentTimeMillis);
    }

    /**
     * @param clock milliseconds from any beginning, never going back
     * @param wallClock milliseconds since 1970 UTC, by which tokens expire
     */
    public Tickets(int capacity, LongSupplier clock, LongSupplier wallClock) {
        this.capacity = capacity;
        this.clock = clock;
        this.wallClock = wallClock;
    }

    /**
     * Makes a ticket: 43 characters of base64url.
     *
     * @throws Refusal {@code unavailable} when too many are unused
     */
    public String issue(Principal principal) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String ticket = BASE64.encodeToString(bytes);
        synchronized (this) {
            forgetExpired();
            if (oldestFirst.size() >= capacity) {
                throw new Refusal(
                        Reason.UNAVAILABLE,
                        "tickets: " + capacity + " are unused (expected: fewer, try again later)");
            }
            oldestFirst.put(ticket, new Issued(principal, clock.getAsLong()));
        }
        return ticket;
    }

    /**
     * Takes a ticket back for its principal, who has what the token grants for as long as it is
     * good.
     *
     * @throws Refusal {@code unauthorized} when it is unknown, used, or older than 30 s, or its
     *     token has expired
     */
    public synchronized Principal redeem(String ticket) {
        forgetExpired();
        Issued issued = oldestFirst.remove(ticket);
        if (issued == null) {
            throw new Refusal(
                    Reason.UNAUTHORIZED,
                    "ticket: unknown, used or older than "
                            + LIFETIME_MS / 1000
                            + " s (expected: a fresh one of POST /api/v1/tickets)");
        }
        if (issued.principal().isExpired(wallClock.getAsLong())) {
            throw new Refusal(Reason.UNAUTHORIZED, "ticket: its token has expired");
        }
        return issued.principal();
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
