package io.anabranch.log;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One ordered log of messages over all channels. Safe for use by any thread; its futures complete,
 * and its tail is called, on threads of its choice.
 *
 * <p>Ids rise in the order in which the tail hands messages on, and never go back.
 */
public interface Log {
    /**
     * Appends a message and completes when the log has it as durably as its channel's {@link
     * Retention} promises. A draft whose deduplication key was seen within the window gives the
     * first id again and appends nothing.
     *
     * <p>Fails with a {@link io.anabranch.message.Refusal} when nothing was stored.
     */
    Future<Appended> append(Draft draft);

    /** One bounded page of what the log holds; see {@link Query}. Reads do not wait for writers. */
    Future<Page> read(Query query);

    /** How much {@link #read} would give for {@code query}, over all its pages. */
    Future<Extent> extent(Query query);

    /**
     * The channels whose names begin with {@code prefix} and come after {@code after}, in the order
     * of their names: at most {@code limit} of them. One of which nothing is held any more may be
     * among them.
     */
    Future<List<ChannelSummary>> channels(String prefix, String after, int limit);

    /**
     * Hands each message that is appended from now on to {@code handler}, in log order, one at a
     * time. The handler must return at once. There is one tail: to be called once, before the first
     * append.
     */
    void tail(Consumer<Message> handler);

    /**
     * Lets the tail leave out messages that nobody wants. To be called once, before the first
     * append, by whoever calls {@link #follow} from then on. A log that has its messages at hand
     * need not care.
     *
     * @param wanted asked of each message after {@link #head} shows it, by any thread
     * @param passed told, in the tail's place and order, the id of each that is left out
     */
    default void narrow(Predicate<Channel> wanted, Consumer<MessageId> passed) {}

    /** Says that the messages of some channels are wanted from now on; counted by pattern. */
    default void follow(ChannelPattern pattern) {}

    /** Takes back one {@link #follow}. */
    default void unfollow(ChannelPattern pattern) {}

    /**
     * The newest id; {@code <epoch>-0} before the first. It shows a message before the tail hands
     * it on, and reads see all up to it: a reader that follows the tail first and looks at the head
     * afterwards misses nothing in between.
     */
    MessageId head();

    /** Why the log cannot take appends now; empty when it can, as far as is known. */
    Optional<String> notReady();

    /** Ends background work and lets go of files and connections. */
    Future<Void> close();
}
