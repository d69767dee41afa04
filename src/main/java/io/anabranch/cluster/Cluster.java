package io.anabranch.cluster;

import io.anabranch.auth.MemoryTickets;
import io.anabranch.auth.RevocationStore;
import io.anabranch.auth.Tickets;
import io.anabranch.hub.Presence;
import io.vertx.core.Future;

/** What this hub shares with others, beside the log. */
public interface Cluster {
    RevocationStore revocations();

    Tickets tickets();

    Peers peers();

    /**
     * Tells the others who is present here, and hears from them. Completes when those that are
     * there already have told, or have taken too long. To be called once.
     */
    Future<Void> share(Presence presence);

    /** Takes leave of the others. */
    Future<Void> close();

    /**
     * One hub without others.
     *
     * @param revocations where they outlive it
     */
    static Cluster alone(RevocationStore revocations) {
        Tickets tickets = new MemoryTickets();
        return new Cluster() {
            @Override
            public RevocationStore revocations() {
                return revocations;
            }

            @Override
            public Tickets tickets() {
                return tickets;
            }

            @Override
            public Peers peers() {
                return Peers.none();
            }

            @Override
            public Future<Void> share(Presence presence) {
                return Future.succeededFuture();
            }

            @Override
            public Future<Void> close() {
                return Future.succeededFuture();
            }
        };
    }
}
