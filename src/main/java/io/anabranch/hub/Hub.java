package io.anabranch.hub;

import io.anabranch.log.Appended;
import io.anabranch.log.ChannelSummary;
import io.anabranch.log.Draft;
import io.anabranch.log.Extent;
import io.anabranch.log.Log;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.Channel;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between those who publish and those who read: appends to the log, and hands each message
 * to the receivers that are interested. Safe for use by any thread.
 */
public final class Hub {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

    private final Log log;
    private final @Nullable Hooks hooks;
    private final List<Receiver> receivers = new CopyOnWriteArrayList<>();
    private volatile MessageId handedOn;

    /** Takes over the log's tail. */
    public Hub(Log log) {
        this(log, null);
    }

    /**
     * Takes over the log's tail.
     *
     * @param hooks who is asked before a message is published; null for nobody
     */
    public Hub(Log log, @Nullable Hooks hooks) {
        this.log = log;
        this.hooks = hooks;
        this.handedOn = log.head();
        log.tail(this::handOn);
        log.narrow(this::isWanted, passed -> handedOn = passed);
    }

    private void handOn(Message message) {
        offer(message.channel(), receiver -> receiver.offer(message));
        handedOn = message.id();
    }

    private boolean isWanted(Channel channel) {
        for (Receiver receiver : receivers) {
            if (receiver.interest().includes(channel)) {
                return true;
            }
        }
        return false;
    }

    /** Tells all who subscribed to the channel. */
    public void tell(PresenceNews news) {
        offer(news.channel(), receiver -> receiver.offer(news));
    }

    /** A receiver that fails, though it must not, takes nothing from the others. */
    private void offer(Channel channel, Consumer<Receiver> offering) {
        for (Receiver receiver : receivers) {
            try {
                if (receiver.interest().includes(channel)) {
                    offering.accept(receiver);
                }
            } catch (RuntimeException e) {
                LOG.error("a receiver of {} failed", channel, e);
            }
        }
    }

    /** Offers it from now on what it has an interest in. */
    public void add(Receiver receiver) {
        receivers.add(receiver);
        receiver.interest().watch(log::follow, log::unfollow);
    }

    /** Offers it nothing any more, but for what is being offered now. */
    public void remove(Receiver receiver) {
        receivers.remove(receiver);
        receiver.interest().unwatch();
    }

    /** See {@link Log#append}, and {@link Hooks} for what may come before that. */
    public Future<Appended> publish(Draft draft) {
        return hooks == null ? log.append(draft) : hooks.ask(draft).compose(log::append);
    }

    /** Whether somebody is asked before a message is published. */
    public boolean hasHooks() {
        return hooks != null;
    }

    /** See {@link Log#read}. */
    public Future<Page> read(Query query) {
        return log.read(query);
    }

    /** See {@link Log#extent}. */
    public Future<Extent> extent(Query query) {
        return log.extent(query);
    }

    /** See {@link Log#channels}. */
    public Future<List<ChannelSummary>> channels(String prefix, String after, int limit) {
        return log.channels(prefix, after, limit);
    }

    /** Where a new reader begins that wants only what comes: see {@link Log#head}. */
    public MessageId head() {
        return log.head();
    }

    /** All up to this id has been offered to every receiver with an interest in it. */
    public MessageId handedOn() {
        MessageId known = handedOn;
        MessageId head = log.head();
        // Of a log that has begun a new epoch nothing has been handed on yet.
        return known.epoch().equals(head.epoch()) ? known : head.at(0);
    }

    /** See {@link Log#notReady}. */
    public Optional<String> notReady() {
        return log.notReady();
    }
}
