package io.anabranch.log;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@link MemoryLog} holds, and what retention has taken from it. Not safe for threads. */
final class MemoryStore {
    private final Function<Channel, Retention> retention;
    private final ClockSteps steps;
    private final NavigableMap<String, ChannelLog> channels = new TreeMap<>();

    /** The same ones: an append takes the same time however many there are. */
    private final Map<String, ChannelLog> channelsByName = new HashMap<>();

    private final Map<Long, ChannelLog> cuts = new HashMap<>();
    private final SeqIndex<Message> messages = new SeqIndex<>();

    MemoryStore(Function<Channel, Retention> retention, ClockSteps steps) {
        this.retention = retention;
        this.steps = steps;
    }

    /**
     * @param wallMs the time that the message gets
     */
    Message add(Draft draft, MessageId id, long wallMs) {
        ChannelLog known = channelsByName.get(draft.channel().name());
        ChannelLog log = known == null ? begin(draft.channel()) : known;
        MessageId prev = log.lastSeq() == 0 ? null : id.at(log.lastSeq());
        Message message =
                new Message(
                        id, prev, log.channel(), draft.event(), draft.data(), wallMs, draft.user());
        messages.put(id.seq(), message);
        log.add(id.seq());
        while (log.size() > log.retention().messages()) {
            removeOldest(log);
        }
        return message;
    }

    private ChannelLog begin(Channel channel) {
        ChannelLog log = new ChannelLog(channel, retention.apply(channel));
        channels.put(channel.name(), log);
        channelsByName.put(channel.name(), log);
        return log;
    }

    /**
     * Removes what is too old at {@code now} from some channels, the one called {@code from} and
     * those after it.
     *
     * @param now by {@link LogClock#steadyMs()}
     * @return the channel to go on with; null when all have been seen
     */
    @Nullable String expire(String from, int howMany, long now) {
        int seen = 0;
        for (ChannelLog log : channels.tailMap(from, true).values()) {
            if (seen++ == howMany) {
                return log.channel().name();
            }
            while (log.size() > 0 && isOlder(log.seq(0), now - log.retention().ageMs())) {
                removeOldest(log);
            }
        }
        return null;
    }

    private boolean isOlder(long seq, long time) {
        Message message = messages.get(seq);
        return message == null || steps.steadyMs(seq, message.time()) < time;
    }

    private void removeOldest(ChannelLog log) {
        cuts.remove(log.cut());
        long seq = log.removeFirst();
        cuts.put(seq, log);
        messages.remove(seq);
    }

    /** The message at {@code seq}; null where there is none, or none any more. */
    @Nullable Message message(long seq) {
        return messages.get(seq);
    }

    /** The channel whose newest removed message stood at {@code seq}; null for none. */
    @Nullable ChannelLog cutAt(long seq) {
        return cuts.get(seq);
    }

    /** The channels that {@code prefix} begins, behind {@code after}, in order. */
    Collection<ChannelLog> after(String prefix, String after) {
        return NameRange.of(channels, prefix, after).values();
    }

    /**
     * The channels that any of {@code patterns} matches, each once; at most {@code most} of them.
     */
    Map<String, ChannelLog> matching(Iterable<ChannelPattern> patterns, long most) {
        Map<String, ChannelLog> found = new LinkedHashMap<>();
        for (ChannelPattern pattern : patterns) {
            String prefix = pattern.prefix();
            if (pattern.isExact()) {
                ChannelLog log = channelsByName.get(prefix);
                if (log != null) {
                    found.put(prefix, log);
                }
                continue;
            }
            for (ChannelLog log : channels.tailMap(prefix, true).values()) {
                if (!log.channel().name().startsWith(prefix) || found.size() >= most) {
                    break;
                }
                found.put(log.channel().name(), log);
            }
        }
        return found;
    }
}
