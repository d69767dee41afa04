package io.anabranch.stream;

import io.anabranch.log.Page;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * Writes one page of the log to one connection: messages and gaps in the order of the log, and no
 * more of them than a connection that stops reading may hold.
 */
final class PageWriter {
    /** About what a gap takes, with the name of its channel. */
    private static final int GAP_BYTES = 256;

    private final Page page;
    private final Feed feed;
    private final Encoding encoding;
    private final Frames.GapReason reason;
    private final String after;
    private MessageId end;

    /**
     * @param reason why messages that retention has taken are missing to this reader
     */
    PageWriter(Page page, Feed feed, Encoding encoding, Frames.GapReason reason) {
        this.page = page;
        this.feed = feed;
        this.encoding = encoding;
        this.reason = reason;
        this.after = feed.knownCursor();
        this.end = page.cursor();
    }

    /**
     * @param messages those of the page that the connection does not have yet
     * @return up to where the connection is complete now: the page's cursor, unless the page holds
     *     more than is written at once
     */
    MessageId writeTo(Subscriber subscriber, List<Message> messages) {
        Queue<Page.Gap> gaps = new ArrayDeque<>();
        page.gaps().stream().filter(feed::isLoss).forEach(gaps::add);
        if (page.reset() || !messages.isEmpty() || !gaps.isEmpty()) {
            int size = messages.stream().mapToInt(Message::size).sum();
            subscriber.writeNow(
                    encoding.buffer(
                            Math.min(size, Fanout.WRITE_BYTES),
                            out -> {
                                writeReset(out);
                                writeInOrder(new ArrayDeque<>(messages), gaps, out);
                            }));
        }
        return end;
    }

    private DeliveryCounts counts() {
        return feed.fanout().counts();
    }

    private void writeInOrder(Queue<Message> messages, Queue<Page.Gap> gaps, ByteBuf out) {
        int room = Fanout.WRITE_BYTES;
        MessageId written = null;
        while (!messages.isEmpty() || !gaps.isEmpty()) {
            boolean gapIsNext =
                    messages.isEmpty()
                            || (!gaps.isEmpty()
                                    && gaps.element().resumed().seq()
                                            < messages.element().id().seq());
            room -= gapIsNext ? GAP_BYTES : messages.element().size();
            if (written != null && room < 0) {
                end = written;
                return;
            }
            written =
                    gapIsNext ? writeGap(gaps.remove(), out) : writeMessage(messages.remove(), out);
        }
    }

    private void writeReset(ByteBuf out) {
        if (!page.reset()) {
            return;
        }
        for (ChannelPattern pattern : feed.patterns()) {
            counts().gaps(Frames.GapReason.RESET).add(1);
            var frame = Frames.gap(pattern.text(), after, null, Frames.GapReason.RESET);
            encoding.writeControl(frame, page.cursor().at(0), out);
        }
    }

    private MessageId writeMessage(Message message, ByteBuf out) {
        counts().to(encoding).messages.add(1);
        counts().to(encoding).replayed.add(1);
        encoding.writeMessage(message, out);
        return message.id();
    }

    private MessageId writeGap(Page.Gap gap, ByteBuf out) {
        counts().gaps(reason).add(1);
        var frame = Frames.gap(gap.channel().name(), after, gap.resumed(), reason);
        encoding.writeControl(frame, gap.resumed(), out);
        return gap.resumed();
    }
}
