package io.anabranch.log.nats;

import io.anabranch.log.nats.NatsView.Excess;
import io.anabranch.log.nats.NatsView.Place;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Gets messages from the broker that are not in memory. */
final class Missing {
    /** A hub records a cut before it removes anything, and the record may be on its way. */
    private static final int TRIES = 8;

    private static final long RETRY_MS = 250;

    private final Broker broker;
    private final Follower follower;
    private final Keeper keeper;
    private final ScheduledExecutorService thread;

    Missing(Broker broker, Follower follower, Keeper keeper, ScheduledExecutorService thread) {
        this.broker = broker;
        this.follower = follower;
        this.keeper = keeper;
        this.thread = thread;
    }

    /** The message at a place; empty when it has been cut. */
    Future<Optional<Message>> find(Place place) {
        return find(place, follower.view(), TRIES);
    }

    private Future<Optional<Message>> find(Place place, NatsView view, int tries) {
        MessageId id = view.head().at(place.seq());
        // Any server may answer, one that is behind too, but not when it is the last try.
        return (tries > 1 ? broker.message(place, id) : broker.messageOfLeader(place, id))
                .compose(
                        found -> {
                            if (found.isPresent() || !view.isHeld(place.channel(), place.seq())) {
                                return Future.succeededFuture(found);
                            }
                            return tries > 1
                                    ? later().compose(unused -> find(place, view, tries - 1))
                                    : lost(place, view);
                        });
    }

    private Future<Void> later() {
        Promise<Void> then = Promise.promise();
        thread.schedule(() -> then.complete(), RETRY_MS, TimeUnit.MILLISECONDS);
        return then.future();
    }

    private Future<Optional<Message>> lost(Place place, NatsView view) {
        Excess excess = view.excessUpTo(place);
        return keeper.lost(excess).map(unused -> Optional.<Message>empty());
    }
}
