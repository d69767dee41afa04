package io.anabranch.log.nats;

import io.anabranch.log.nats.NatsView.Excess;
import io.nats.client.impl.Headers;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what each channel keeps. It records in the stream up to where a channel is cut, so that
 * every hub knows of the gap, and only then removes the messages. Any hub may do it at any time; a
 * record is stored only where no other was in between.
 */
final class Keeper {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    /** Channels that one look goes through while it holds the view's lock. */
    private static final int CHANNELS_PER_LOOK = 1_000;

    /** Channels that are cut at the same time. */
    private static final int CUTS_AT_ONCE = 128;

    /** Messages of one channel that are removed at the same time. */
    private static final int DELETES_AT_ONCE = 128;

    private static final byte[] NOTHING = {};

    private final Broker broker;
    private final Follower follower;
    private final Subjects subjects;
    private final LongSupplier clock;

    Keeper(Broker broker, Follower follower, NatsOptions options, LongSupplier clock) {
        this.broker = broker;
        this.follower = follower;
        this.subjects = new Subjects(options.stream());
        this.clock = clock;
    }

    /** Removes what is one too many or too old. Completes when this hub's view shows it. */
    Future<Void> expire() {
        List<Excess> found = new ArrayList<>();
        String next = "";
        while (next != null) {
            next = follower.view().excess(next, CHANNELS_PER_LOOK, clock.getAsLong(), found);
        }
        return delete(follower.view().takeLeftovers(), 0).compose(unused -> cut(found, 0));
    }

    private Future<Void> cut(List<Excess> found, int from) {
        if (from >= found.size()) {
            return Future.succeededFuture();
        }
        int end = Math.min(found.size(), from + CUTS_AT_ONCE);
        return Future.join(found.subList(from, end).stream().map(this::cut).toList())
                .compose(unused -> cut(found, end));
    }

    private Future<Void> cut(Excess excess) {
        return Future.fromCompletionStage(
                        broker.publish(subjects.cut(excess.channel()), record(excess), NOTHING))
                .compose(ack -> follower.progress().at(ack.getSeqno()))
                .compose(unused -> delete(excess.removed(), 0))
                .recover(
                        failure ->
                                NatsFailure.isWrongLastSequence(failure)
                                        ? afterAnother(excess)
                                        : Future.failedFuture(failure));
    }

    private static Headers record(Excess excess) {
        return new Headers()
                .put(Codec.CUT, Long.toString(excess.last()))
                .put("Nats-Expected-Last-Subject-Sequence", Long.toString(excess.cutRecord()));
    }

    private Future<Void> delete(List<Long> seqs, int from) {
        if (from >= seqs.size()) {
            return Future.succeededFuture();
        }
        int end = Math.min(seqs.size(), from + DELETES_AT_ONCE);
        return Future.join(seqs.subList(from, end).stream().map(broker::delete).toList())
                .onFailure(e -> follower.view().leaveOver(seqs.subList(from, end)))
                .compose(unused -> delete(seqs, end));
    }

    /** Another hub has cut the channel meanwhile, but maybe less. */
    private Future<Void> afterAnother(Excess excess) {
        return broker.lastSeq()
                .compose(last -> follower.progress().at(last))
                .compose(
                        unused ->
                                follower.view()
                                        .stillInExcess(excess)
                                        .map(this::cut)
                                        .orElseGet(Future::succeededFuture));
    }

    /** Takes note that a message is gone which nobody of the hubs removed. */
    Future<Void> lost(Excess excess) {
        LOG.error(
                "message {} of {} is gone from the stream: what came before it counts as lost",
                excess.last(),
                excess.channel());
        return cut(excess);
    }
}
