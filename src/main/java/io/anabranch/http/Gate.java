package io.anabranch.http;

import io.anabranch.config.Config;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets in as many connections of subscribers as the limits allow: in all, of one user, from one
 * address. Safe for use by any thread.
 */
final class Gate {
    private final Config.Limits limits;
    private final Map<String, Integer> users = new HashMap<>();
    private final Map<String, Integer> addresses = new HashMap<>();
    private int all;

    Gate(Config.Limits limits) {
        this.limits = limits;
    }

    /**
     * Counts a connection in, until its pass is given back.
     *
     * @param user null for one without a name, whom the limit for users does not concern
     * @throws Refusal {@code too_many_requests}, with the limit that is reached
     */
    synchronized Pass enter(@Nullable String user, String address) {
        if (all >= limits.connections()) {
            throw refused(Limit.CONNECTIONS, "the hub", limits.connections());
        }
        if (addresses.getOrDefault(address, 0) >= limits.connectionsPerAddress()) {
            throw refused(
                    Limit.CONNECTIONS_PER_ADDRESS,
                    "the address " + address,
                    limits.connectionsPerAddress());
        }
        enterAs(user);
        addresses.merge(address, 1, Integer::sum);
        all++;
        return new Pass(user, address);
    }

    private void enterAs(@Nullable String user) {
        if (user == null) {
            return;
        }
        if (users.getOrDefault(user, 0) >= limits.connectionsPerUser()) {
            throw refused(
                    Limit.CONNECTIONS_PER_USER,
                    "the user " + Refusal.shown(user),
                    limits.connectionsPerUser());
        }
        users.merge(user, 1, Integer::sum);
    }

    private static Refusal refused(Limit limit, String whose, int most) {
        return Refusal.overLimit(
                Reason.TOO_MANY_REQUESTS, limit, "connections: no more for " + whose, most);
    }

    private static void leave(Map<String, Integer> counts, @Nullable String name) {
        if (name != null) {
            counts.computeIfPresent(name, (key, count) -> count == 1 ? null : count - 1);
        }
    }

    /** One connection's place among the others. */
    final class Pass {
        private @Nullable String user;
        private final String address;
        private boolean valid = true;

        private Pass(@Nullable String user, String address) {
            this.user = user;
            this.address = address;
        }

        /**
         * The connection is another user's from now on.
         *
         * @throws Refusal as {@link Gate#enter} does; then it stays the first one's
         */
        void passTo(@Nullable String other) {
            synchronized (Gate.this) {
                if (valid && !java.util.Objects.equals(user, other)) {
                    enterAs(other);
                    Gate.leave(users, user);
                    user = other;
                }
            }
        }

        /** The connection has ended. Once more changes nothing. */
        void giveBack() {
            synchronized (Gate.this) {
                if (valid) {
                    valid = false;
                    Gate.leave(users, user);
                    Gate.leave(addresses, address);
                    all--;
                }
            }
        }
    }
}
