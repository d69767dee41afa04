package io.anabranch.log;

import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * One read of a {@link MemoryStore}. It merges the channels asked for; where those are more than
 * the messages after the cursor, it walks through the messages instead.
 */
final class MemoryRead {
    /** How many places of the log one page walks through at most. */
    private static final int MAX_WALK = 8_192;

    private final MemoryStore store;
    private final Query query;
    private final long after;
    private final long upTo;
    private final List<Message> messages = new ArrayList<>();
    private final List<Page.Gap> gaps = new ArrayList<>();
    private int bytes;

    MemoryRead(MemoryStore store, Query query, long after, long upTo) {
        this.store = store;
        this.query = query;
        this.after = after;
        this.upTo = Math.max(after, upTo);
    }

    Page page(MessageId head, boolean reset) {
        Collection<ChannelLog> channels = channels();
        long complete = isFewer(channels) ? merge(channels, head) : walk(head);
        return new Page(messages, gaps, reset, head.at(complete), complete < upTo);
    }

    Extent extent(boolean reset) {
        long count = 0;
        boolean cut = reset;
        for (ChannelLog channel : store.matching(query.patterns(), Long.MAX_VALUE).values()) {
            Reader reader = new Reader(channel);
            cut |= reader.atCut;
            count += channel.firstAfter(upTo) - Math.min(reader.index, channel.firstAfter(upTo));
        }
        return new Extent(count, !cut);
    }

    private Collection<ChannelLog> channels() {
        return store.matching(query.patterns(), mostChannels()).values();
    }

    /** With more channels than this, walking through the messages is less work. */
    private long mostChannels() {
        return query.lastPerChannel() > 0 ? Long.MAX_VALUE : upTo - after + 1;
    }

    private boolean isFewer(Collection<ChannelLog> channels) {
        return channels.size() < mostChannels();
    }

    private long merge(Collection<ChannelLog> channels, MessageId head) {
        PriorityQueue<Reader> readers = new PriorityQueue<>(Comparator.comparingLong(Reader::next));
        for (ChannelLog channel : channels) {
            Reader reader = new Reader(channel);
            if (reader.next() <= upTo) {
                readers.add(reader);
            }
        }
        long complete = after;
        while (!readers.isEmpty() && !isFull()) {
            Reader reader = readers.remove();
            complete = reader.next();
            reader.take(head);
            if (reader.next() <= upTo) {
                readers.add(reader);
            }
        }
        return readers.isEmpty() ? upTo : complete;
    }

    private long walk(MessageId head) {
        long end = Math.min(upTo, after + MAX_WALK);
        long seq = after;
        while (seq < end && !isFull()) {
            seq++;
            Message message = store.message(seq);
            if (message != null) {
                if (query.matches(message.channel())) {
                    add(message);
                }
                continue;
            }
            ChannelLog cut = store.cutAt(seq);
            if (cut != null && query.matches(cut.channel())) {
                gaps.add(new Page.Gap(cut.channel(), head.at(seq)));
            }
        }
        return seq;
    }

    private void add(Message message) {
        messages.add(message);
        bytes += message.size();
    }

    private boolean isFull() {
        return messages.size() >= query.maxMessages() || bytes >= query.maxBytes();
    }

    /** Goes through one channel: its cut, if that lies in the range, then its messages. */
    private final class Reader {
        private final ChannelLog channel;
        private int index;
        private boolean atCut;

        Reader(ChannelLog channel) {
            this.channel = channel;
            this.index = channel.firstAfter(after);
            if (query.lastPerChannel() > 0) {
                index = Math.max(index, channel.firstAfter(upTo) - query.lastPerChannel());
            } else {
                atCut = channel.cut() > after;
            }
        }

        /** The place of what comes next; behind the end of the log when nothing does. */
        long next() {
            if (atCut) {
                return channel.cut();
            }
            return index < channel.size() ? channel.seq(index) : Long.MAX_VALUE;
        }

        void take(MessageId head) {
            if (atCut) {
                atCut = false;
                gaps.add(new Page.Gap(channel.channel(), head.at(channel.cut())));
                return;
            }
            Message message = store.message(channel.seq(index++));
            if (message != null) {
                add(message);
            }
        }
    }
}
