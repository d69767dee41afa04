package io.anabranch.log.nats;

import io.anabranch.log.ChannelSummary;
import io.anabranch.log.Extent;
import io.anabranch.log.NameRange;
import io.anabranch.log.Query;
import io.anabranch.log.Retention;
import io.anabranch.log.SeqIndex;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one hub knows of the stream: where the messages of each channel stand, up to where they were
 * cut, and the newest messages themselves. One lock guards it, its own.
 */
final class NatsView {
    /** What a message takes beside its own bytes, about. */
    private static final int OVERHEAD_BYTES = 256;

    /** Messages of one channel that one round removes. */
    private static final int MOST_AT_ONCE = 10_000;

    private final Function<Channel, Retention> retention;
    private final long maxHotBytes;
    private final NavigableMap<String, ChannelPlaces> channels = new TreeMap<>();
    private final NavigableMap<Long, ChannelPlaces> cuts = new TreeMap<>();

    /** At each place its message, or, where that is not in memory, its channel. */
    private final SeqIndex<Object> places = new SeqIndex<>();

    private final Deque<Message> hot = new ArrayDeque<>();
    private final Ages ages = new Ages();
    private List<Long> leftovers = new ArrayList<>();
    private boolean isLoading = true;
    private long hotBytes;
    private long longestAge;
    private volatile MessageId head;

    /**
     * @param retention what each channel keeps; asked once a channel
     * @param maxHotBytes how many bytes of messages stay in memory, about
     */
    NatsView(String epoch, Function<Channel, Retention> retention, long maxHotBytes) {
        this.head = new MessageId(epoch, 0);
        this.retention = retention;
        this.maxHotBytes = maxHotBytes;
    }

    MessageId head() {
        return head;
    }

    private ChannelPlaces places(Channel channel) {
        return channels.computeIfAbsent(
                channel.name(),
                name -> {
                    Retention keeps = retention.apply(channel);
                    longestAge = Math.max(longestAge, keeps.ageMs());
                    return new ChannelPlaces(channel, keeps);
                });
    }

    /** What the stream held when the hub came to it has been taken in. */
    synchronized void loaded() {
        isLoading = false;
    }

    /** What was cut and may still be in the stream; once. */
    synchronized List<Long> takeLeftovers() {
        List<Long> taken = leftovers;
        leftovers = new ArrayList<>();
        return taken;
    }

    /** What was cut and could not be removed. */
    synchronized void leaveOver(List<Long> seqs) {
        leftovers.addAll(seqs);
    }

    /** The newest message that the channel ever had; null for none. */
    synchronized @Nullable MessageId newest(Channel channel) {
        ChannelPlaces known = channels.get(channel.name());
        return known == null ? null : idOrNull(known.before(known.size()));
    }

    private @Nullable MessageId idOrNull(long seq) {
        return seq == 0 ? null : head.at(seq);
    }

    /**
     * Takes in the next message.
     *
     * @param message null when it is not to be kept in memory
     * @param stored when the broker stored it, in ms since 1970 UTC
     */
    synchronized void add(Channel channel, long seq, @Nullable Message message, long stored) {
        ChannelPlaces known = places(channel);
        known.add(seq);
        ages.note(seq, stored);
        if (message == null) {
            places.put(seq, known);
        } else {
            places.put(seq, message);
            hot.add(message);
            hotBytes += bytes(message);
            shrink();
        }
        head = head.at(seq);
    }

    private void shrink() {
        while (hotBytes > maxHotBytes && hot.size() > 1) {
            Message oldest = hot.remove();
            hotBytes -= bytes(oldest);
            long seq = oldest.id().seq();
            if (places.get(seq) != null) {
                places.remove(seq);
                places.put(seq, places(oldest.channel()));
            }
        }
    }

    private static long bytes(Message message) {
        return message.size() + OVERHEAD_BYTES;
    }

    /**
     * Takes in that retention has removed a channel's messages up to {@code seq}.
     *
     * @param record where in the stream it says so
     */
    synchronized void cut(Channel channel, long seq, long record) {
        ChannelPlaces known = places(channel);
        while (known.size() > 0 && known.seq(0) <= seq) {
            long removed = known.removeFirst();
            places.remove(removed);
            if (isLoading) {
                leftovers.add(removed);
            }
        }
        if (isLoading && known.cutRecord() > 0) {
            leftovers.add(known.cutRecord());
        }
        cuts.remove(known.cut());
        known.cut(Math.max(seq, known.cut()), record);
        cuts.put(known.cut(), known);
        if (known.cut() > head.seq()) {
            head = head.at(known.cut());
        }
    }

    /** The channels that any of {@code patterns} matches, each once; at most {@code most}. */
    Map<String, ChannelPlaces> matching(Iterable<ChannelPattern> patterns, long most) {
        Map<String, ChannelPlaces> found = new LinkedHashMap<>();
        for (ChannelPattern pattern : patterns) {
            String prefix = pattern.prefix();
            if (pattern.isExact()) {
                ChannelPlaces known = channels.get(prefix);
                if (known != null) {
                    found.put(prefix, known);
                }
                continue;
            }
            for (ChannelPlaces known : channels.tailMap(prefix, true).values()) {
                if (!known.channel().name().startsWith(prefix) || found.size() >= most) {
                    break;
                }
                found.put(known.channel().name(), known);
            }
        }
        return found;
    }

    /** What stands at {@code seq}; null where nothing does, or nothing any more. */
    @Nullable Place place(long seq) {
        Object there = places.get(seq);
        if (there instanceof Message message) {
            return new Place(seq, message.channel(), message.prev(), message);
        }
        if (there instanceof ChannelPlaces known) {
            return place(known, known.firstAfter(seq - 1));
        }
        return null;
    }

    /** The {@code i}-th message of a channel. */
    Place place(ChannelPlaces known, int i) {
        long seq = known.seq(i);
        Message message = places.get(seq) instanceof Message hotMessage ? hotMessage : null;
        return new Place(seq, known.channel(), idOrNull(known.before(i)), message);
    }

    /** Whether what stands at a place of a channel has not been cut. */
    synchronized boolean isHeld(Channel channel, long seq) {
        ChannelPlaces known = channels.get(channel.name());
        return known != null && known.cut() < seq;
    }

    /** The cuts between two places, of channels that match, in log order. */
    List<ChannelPlaces> cuts(Query query, long after, long upTo) {
        if (after >= upTo) {
            return List.of();
        }
        if (query.patterns().stream().allMatch(ChannelPattern::isExact)) {
            return matching(query.patterns(), Long.MAX_VALUE).values().stream()
                    .filter(known -> known.cut() > after && known.cut() <= upTo)
                    .sorted(Comparator.comparingLong(ChannelPlaces::cut))
                    .toList();
        }
        return cuts.subMap(after, false, upTo, true).values().stream()
                .filter(known -> query.matches(known.channel()))
                .toList();
    }

    /** What is held of the channels that {@code prefix} begins, behind {@code after}, in order. */
    synchronized List<ChannelSummary> channels(String prefix, String after, int limit) {
        return NameRange.of(channels, prefix, after).values().stream()
                .limit(limit)
                .map(
                        known ->
                                new ChannelSummary(
                                        known.channel(),
                                        head.at(known.before(known.size())),
                                        known.size()))
                .toList();
    }

    /** How much a query would read. */
    synchronized Extent extent(Query query, Span span) {
        long count = 0;
        boolean complete = !span.reset();
        for (ChannelPlaces known : matching(query.patterns(), Long.MAX_VALUE).values()) {
            complete &= query.lastPerChannel() > 0 || known.cut() <= span.after();
            int end = known.firstAfter(span.upTo());
            count += end - Math.min(NatsRead.first(known, query, span), end);
        }
        return new Extent(count, complete);
    }

    /**
     * What is one too many in its channel, or too old, of some channels, those from {@code from}
     * on.
     *
     * @param from a channel's name
     * @param found takes the excess of each channel
     * @return the channel to go on with; null when all have been seen
     */
    synchronized @Nullable String excess(String from, int howMany, long now, List<Excess> found) {
        int seen = 0;
        for (ChannelPlaces known : channels.tailMap(from, true).values()) {
            if (seen++ == howMany) {
                return known.channel().name();
            }
            int count = Math.min(countInExcess(known, now), MOST_AT_ONCE);
            if (count > 0) {
                found.add(Excess.of(known, known.seq(count - 1)));
            }
        }
        ages.forgetBefore(now - longestAge);
        return null;
    }

    /** The channel up to a place, which is to be removed whatever it may keep. */
    synchronized Excess excessUpTo(Place place) {
        return Excess.of(places(place.channel()), place.seq());
    }

    /** What is left to remove of what was found before; empty when all of it is gone. */
    synchronized Optional<Excess> stillInExcess(Excess before) {
        ChannelPlaces known = places(before.channel());
        return known.cut() >= before.last()
                ? Optional.empty()
                : Optional.of(Excess.of(known, before.last()));
    }

    private int countInExcess(ChannelPlaces known, long now) {
        long old = ages.before(now - known.retention().ageMs());
        return Math.max(known.firstAfter(old), known.size() - known.retention().messages());
    }

    /**
     * One place of the log.
     *
     * @param message null where it is not in memory
     */
    record Place(long seq, Channel channel, @Nullable MessageId prev, @Nullable Message message) {}

    /**
     * What retention is to remove.
     *
     * @param last the newest message to remove
     * @param cutRecord where the channel's cut is recorded so far; 0 for nowhere
     * @param removed all places that hold what is not needed then
     */
    record Excess(Channel channel, long last, long cutRecord, List<Long> removed) {
        private static Excess of(ChannelPlaces known, long last) {
            List<Long> removed = new ArrayList<>();
            for (int i = 0; i < known.firstAfter(last); i++) {
                removed.add(known.seq(i));
            }
            if (known.cutRecord() > 0) {
                removed.add(known.cutRecord());
            }
            return new Excess(known.channel(), last, known.cutRecord(), removed);
        }
    }
}
