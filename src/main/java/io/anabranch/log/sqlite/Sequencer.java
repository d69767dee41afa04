package io.anabranch.log.sqlite;

import io.anabranch.log.Appended;
import io.anabranch.log.ClockSteps;
import io.anabranch.log.DedupWindow;
import io.anabranch.log.Draft;
import io.anabranch.log.Retention;
import io.anabranch.message.Channel;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Gives drafts their places, and takes them back from those that come to nothing. */
final class Sequencer {
    private final View view;
    private final Function<Channel, Retention> retention;
    private final DedupWindow dedup;
    private final ClockSteps steps;
    private final Map<String, ChannelState> channels = new HashMap<>();
    private long seq;
    private long reserved;
    private long channelId;

    /** Goes on where the view ends. */
    Sequencer(
            View view,
            Function<Channel, Retention> retention,
            DedupWindow dedup,
            ClockSteps steps) {
        this.view = view;
        this.steps = steps;
        this.retention = retention;
        this.dedup = dedup;
        this.seq = view.head().seq();
        for (ChannelState state : view.channels()) {
            channels.put(state.channel().name(), state);
            channelId = Math.max(channelId, state.id());
        }
    }

    long seq() {
        return seq;
    }

    /** No id after this one may be given out. */
    long reserved() {
        return reserved;
    }

    void reserved(long upTo) {
        reserved = upTo;
    }

    /** The id that the same deduplication key was given before. */
    Optional<MessageId> earlier(Draft draft, long steady) {
        return dedup.find(draft, steady);
    }

    /** Whether nobody may hear of the draft's message before it is on stable storage. */
    boolean commitsFirst(Draft draft) {
        ChannelState state = channels.get(draft.channel().name());
        return state == null || commitsFirst(state);
    }

    /** A channel is in the file before anybody hears of it, so that a crash can tell its loss. */
    private boolean commitsFirst(ChannelState state) {
        return state.retention().durable() || !state.isShown();
    }

    /**
     * @param now the time that the message gets
     * @param steady the same moment by {@link io.anabranch.log.LogClock#steadyMs()}
     */
    Append assign(Draft draft, long now, long steady, Promise<Appended> promise) {
        ChannelState state =
                channels.computeIfAbsent(draft.channel().name(), name -> create(draft.channel()));
        MessageId id = view.head().at(++seq);
        MessageId prev = state.assigned() == 0 ? null : id.at(state.assigned());
        state.assign(seq);
        dedup.remember(draft, id, steady);
        steps.note(seq, now, steady);
        Message message =
                new Message(
                        id, prev, state.channel(), draft.event(), draft.data(), now, draft.user());
        return new Append(draft, message, state, commitsFirst(state), promise);
    }

    private ChannelState create(Channel channel) {
        return new ChannelState(++channelId, channel, retention.apply(channel));
    }

    /** Forgets an append that was not stored; to be called for the newest first. */
    void undo(Append append) {
        MessageId prev = append.message().prev();
        append.state().assign(prev == null ? 0 : prev.seq());
        dedup.forget(append.draft());
        if (!append.state().isShown()) {
            channels.remove(append.state().channel().name());
        }
    }

    /**
     * The oldest time in the file whose deduplication keys may count. Some older than that may be
     * left, where the clock had been set forward.
     *
     * @param steady now, by {@link io.anabranch.log.LogClock#steadyMs()}
     */
    long oldestKey(long steady) {
        return dedup.oldest(steady) + steps.furthestBackMs();
    }
}
