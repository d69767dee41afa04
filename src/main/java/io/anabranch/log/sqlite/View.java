package io.anabranch.log.sqlite;

import io.anabranch.log.ChannelSummary;
import io.anabranch.log.NameRange;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.log.SeqRing;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What readers see of the log, as far as it is in memory: the channels, the newest places and the
 * newest messages. The writer alone changes it; its monitor guards it, and is held for short steps.
 */
final class View {
    private static final Comparator<CutPlace> BY_PLACE =
            Comparator.comparingLong(CutPlace::cut).thenComparingLong(CutPlace::channel);

    private final NavigableMap<String, ChannelState> channels = new TreeMap<>();
    private final Map<Long, ChannelState> byId = new ConcurrentHashMap<>();
    private final NavigableMap<CutPlace, ChannelState> byCut = new TreeMap<>(BY_PLACE);
    private final SeqRing tail = new SeqRing();
    private final HotCache hot;
    private volatile MessageId head;
    private long messages;
    private long lastChannel;

    View(MessageId head, HotCache hot) {
        this.head = head;
        this.hot = hot;
    }

    /** Where a channel was cut. Channels may share a place after a crash. */
    private record CutPlace(long cut, long channel) {}

    /** The newest id that readers see. By any thread, without the lock. */
    MessageId head() {
        return head;
    }

    HotCache hot() {
        return hot;
    }

    /** The newest places of all channels in order: those that rings hold, and a few cut ones. */
    SeqRing tail() {
        return tail;
    }

    /** How many messages are held. */
    long messages() {
        return messages;
    }

    /** By any thread, without the lock; null for an id that readers cannot have met. */
    @Nullable ChannelState channel(long id) {
        return byId.get(id);
    }

    /** No channel has a larger id. The writer's own. */
    long lastChannel() {
        return lastChannel;
    }

    Collection<ChannelState> channels() {
        return channels.values();
    }

    synchronized void add(ChannelState state) {
        channels.put(state.channel().name(), state);
        byId.put(state.id(), state);
        lastChannel = Math.max(lastChannel, state.id());
        state.show();
        messages += state.count();
        if (state.cut() > 0) {
            byCut.put(new CutPlace(state.cut(), state.id()), state);
        }
    }

    /** Takes up a place that the table does not have yet, when the log is opened. */
    void restoreTail(ChannelState state, long seq) {
        tail.add(seq);
        state.add(seq);
        messages++;
    }

    /** Shows messages to readers. */
    synchronized void publish(List<Append> appends) {
        for (Append append : appends) {
            ChannelState state = append.state();
            if (!state.isShown()) {
                add(state);
            }
            long seq = append.message().id().seq();
            tail.add(seq);
            state.add(seq);
            messages++;
            hot.put(append.message());
        }
        if (!appends.isEmpty()) {
            head = appends.get(appends.size() - 1).message().id();
        }
    }

    synchronized void written(long seq) {
        hot.written(seq);
    }

    /**
     * Makes all messages of a channel up to {@code seq} invisible.
     *
     * @param indexedLeft how many messages after {@code seq} have their places in the table
     * @return the places of the ring that are gone
     */
    synchronized List<Long> cut(ChannelState state, long seq, long indexedLeft) {
        List<Long> gone = new ArrayList<>();
        while (state.tail().size() > 0 && state.tail().get(0) <= seq) {
            gone.add(state.tail().removeFirst());
        }
        messages -= gone.size() + state.indexedCount() - indexedLeft;
        byCut.remove(new CutPlace(state.cut(), state.id()));
        state.cut(seq, indexedLeft);
        byCut.put(new CutPlace(seq, state.id()), state);
        return gone;
    }

    /** The first places of a channel's ring are in the table now. */
    synchronized void indexed(ChannelState state, int howMany, long upTo) {
        state.indexed(howMany, upTo);
    }

    /** Forgets the order of the places up to {@code seq}, all of which are in the table. */
    synchronized void indexed(long seq) {
        while (tail.size() > 0 && tail.get(0) <= seq) {
            tail.removeFirst();
        }
    }

    /** See {@link io.anabranch.log.Log#channels}. */
    synchronized List<ChannelSummary> channels(String prefix, String after, int limit) {
        return NameRange.of(channels, prefix, after).values().stream()
                .limit(limit)
                .map(it -> new ChannelSummary(it.channel(), head.at(it.head()), it.count()))
                .toList();
    }

    /**
     * The channels that any of {@code patterns} matches, each once; at most {@code most} of them.
     */
    Collection<ChannelState> matching(Iterable<ChannelPattern> patterns, long most) {
        Map<String, ChannelState> found = new LinkedHashMap<>();
        for (ChannelPattern pattern : patterns) {
            String prefix = pattern.prefix();
            if (pattern.isExact()) {
                ChannelState state = channels.get(prefix);
                if (state != null) {
                    found.put(prefix, state);
                }
                continue;
            }
            for (ChannelState state : channels.tailMap(prefix, true).values()) {
                String name = state.channel().name();
                if (!name.startsWith(prefix) || found.size() >= most) {
                    break;
                }
                found.put(name, state);
            }
        }
        return found.values();
    }

    /** Whether a message that has been read is still to be shown. */
    boolean isHeld(Message message) {
        ChannelState state = channels.get(message.channel().name());
        return state == null || message.id().seq() > state.cut();
    }

    /** The cuts of the channels asked for, after one place and up to another, in order. */
    List<Page.Gap> gaps(Query query, long after, long upTo) {
        List<Page.Gap> gaps = new ArrayList<>();
        if (upTo <= after) {
            return gaps;
        }
        for (ChannelState state : cutBetween(query, after, upTo)) {
            if (query.matches(state.channel())) {
                gaps.add(new Page.Gap(state.channel(), head.at(state.cut())));
            }
        }
        return gaps;
    }

    private Collection<ChannelState> cutBetween(Query query, long after, long upTo) {
        if (!query.patterns().stream().allMatch(ChannelPattern::isExact)) {
            return byCut.subMap(
                            new CutPlace(after + 1, 0),
                            true,
                            new CutPlace(upTo, Long.MAX_VALUE),
                            true)
                    .values();
        }
        return matching(query.patterns(), Long.MAX_VALUE).stream()
                .filter(state -> state.cut() > after && state.cut() <= upTo)
                .sorted(Comparator.comparingLong(ChannelState::cut))
                .toList();
    }
}
