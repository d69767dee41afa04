package io.anabranch.cluster;

import io.anabranch.auth.RevocationStore;
import io.anabranch.auth.Tickets;
import io.anabranch.hub.Presence;
import io.anabranch.log.nats.NatsConnection;
import io.anabranch.log.nats.NatsOptions;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.JetStreamApiException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Hubs that share a stream of NATS JetStream. Over a connection of its own, so that a reader who is
 * far behind holds up no sign of life.
 */
public final class NatsCluster implements Cluster {
    private final ScheduledExecutorService thread = Threads.one("anabranch-cluster");
    private final Connection connection;
    private final SharedRevocations revocations;
    private final SharedTickets tickets;
    private final SharedPresence presence;
    private final NatsPeers peers;
    private volatile @Nullable SharedRevocations watching;

    /**
     * Joins the others. Blocks: not for an event loop.
     *
     * @throws Refusal when the broker cannot be reached, or has something else in the place of what
     *     hubs share
     */
    public static NatsCluster open(NatsOptions options) {
        try {
            return new NatsCluster(options);
        } catch (IOException | JetStreamApiException e) {
            throw new Refusal(
                    Reason.UNAVAILABLE,
                    "log.stream: the buckets of "
                            + options.stream()
                            + ": "
                            + e.getMessage()
                            + " (expected: a broker with JetStream that lets this hub make them)");
        }
    }

    private NatsCluster(NatsOptions options) throws IOException, JetStreamApiException {
        String id = UUID.randomUUID().toString();
        String subjects = options.stream() + "-hubs.";
        connection = NatsConnection.open(options, "anabranch hub " + id, this::onConnection);
        try {
            Bucket revoked = Bucket.open(connection, options, "revocations", Duration.ZERO);
            Bucket issued =
                    Bucket.open(
                            connection, options, "tickets", Duration.ofMillis(Tickets.LIFETIME_MS));
            revocations = new SharedRevocations(revoked);
            revocations.watch();
            watching = revocations;
            tickets = new SharedTickets(issued);
            presence = new SharedPresence(thread, subjects, id);
            peers = new NatsPeers(connection, thread, subjects, id, presence);
            peers.begin();
        } catch (IOException | JetStreamApiException | RuntimeException e) {
            thread.shutdownNow();
            closeConnection();
            throw e;
        }
    }

    private void onConnection(Connection changed, ConnectionListener.Events event) {
        SharedRevocations again = watching;
        if (event == ConnectionListener.Events.RECONNECTED && again != null) {
            again.watch();
        }
    }

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
        return peers;
    }

    @Override
    public Future<Void> share(Presence shared) {
        return presence.begin(peers, shared);
    }

    @Override
    public Future<Void> close() {
        Promise<Void> closed = Promise.promise();
        new Thread(() -> closeNow(closed), "anabranch-cluster-close").start();
        return closed.future();
    }

    private void closeNow(Promise<Void> closed) {
        thread.shutdownNow();
        revocations.close();
        peers.sayGoodbye();
        try {
            connection.flush(Duration.ofSeconds(1));
        } catch (TimeoutException e) {
            // Then the others find out by the silence.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeConnection();
        closed.complete();
    }

    private void closeConnection() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
