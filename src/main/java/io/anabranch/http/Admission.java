package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.metrics.Connections;
import java.util.Objects;
import java.util.UUID;

/**
 * What a connection has of the hub for as long as it is open, whatever it speaks: an id, a
 * principal, a place within the limits, an end when its token ends. For its event loop alone.
 */
final class Admission {
    private final Sessions sessions;
    private final Session connection;
    private final Gate.Pass pass;
    private final Expiry expiry;
    private final Connections.Open open;
    private final String id = UUID.randomUUID().toString();
    private final String address;
    private Principal principal;
    private boolean over;

    /**
     * @param address of the other end
     */
    Admission(
            Node node,
            Sessions sessions,
            Session connection,
            Connections.Transport transport,
            Principal principal,
            Gate.Pass pass,
            String address) {
        this.sessions = sessions;
        this.connection = connection;
        this.principal = principal;
        this.pass = pass;
        this.address = address;
        this.expiry = new Expiry(node.vertx(), () -> connection.end(Closing.EXPIRED));
        this.open = node.telemetry().connections().opened(transport, id, principal.user(), address);
    }

    /** From now on the connection may be seen and ended by others. */
    void enlist() {
        sessions.add(connection);
    }

    /** From now on the connection ends with its token; at once, where that has ended. */
    void endWithToken() {
        expiry.at(principal.expiresAtMs());
    }

    /**
     * The connection goes on with a newer token.
     *
     * @throws Refusal {@code forbidden} for another user's, or as {@link Gate#enter} does
     */
    void renew(Principal renewed) {
        if (!principal.isAnonymous() && !Objects.equals(principal.user(), renewed.user())) {
            String expected = Refusal.shown(principal.user()) + ", as this connection's";
            throw new Refusal(
                    Reason.FORBIDDEN,
                    "sub: " + Refusal.shown(renewed.user()) + " (expected: " + expected + ")");
        }
        pass.passTo(renewed.user());
        principal = renewed;
        endWithToken();
    }

    /** Gives all back. False when that was done before. */
    boolean end(Connections.Ended reason) {
        if (over) {
            return false;
        }
        over = true;
        open.ended(reason);
        pass.giveBack();
        expiry.cancel();
        sessions.remove(connection);
        return true;
    }

    boolean isOver() {
        return over;
    }

    String id() {
        return id;
    }

    String address() {
        return address;
    }

    Principal principal() {
        return principal;
    }
}
