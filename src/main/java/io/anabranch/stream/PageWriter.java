package io.anabranch.stream;

import io.anabranch.log.Page;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** Writes one page of the log to one connection: messages and gaps in the order of the log. */
final class PageWriter {
    private final Page page;
    private final Feed feed;
    private final Encoding encoding;
    private final Frames.GapReason reason;
    private final String after;

    /**
     * @param reason why messages that retention has taken are missing to this reader
     */
    PageWriter(Page page, Feed feed, Encoding encoding, Frames.GapReason reason) {
        this.page = page;
        this.feed = feed;
        this.encoding = encoding;
        this.reason = reason;
        this.after = feed.knownCursor();
    }

    /**
     * @param messages those of the page that the connection does not have yet
     */
    void writeTo(Subscriber subscriber, List<Message> messages) {
        Queue<Page.Gap> gaps = new ArrayDeque<>();
        page.gaps().stream().filter(feed::isLoss).forEach(gaps::add);
        if (!page.reset() && messages.isEmpty() && gaps.isEmpty()) {
            return;
        }
        int size = messages.stream().mapToInt(Message::size).sum();
        subscriber.writeNow(
                encoding.buffer(
                        size,
                        out -> {
                            writeReset(out);
                            for (Message message : messages) {
                                writeGaps(gaps, message.id().seq(), out);
                                encoding.writeMessage(message, out);
                            }
                            writeGaps(gaps, Long.MAX_VALUE, out);
                        }));
    }

    private void writeReset(ByteBuf out) {
        if (!page.reset()) {
            return;
        }
        for (ChannelPattern pattern : feed.patterns()) {
            var frame = Frames.gap(pattern.text(), after, null, Frames.GapReason.RESET);
            encoding.writeControl(frame, page.cursor().at(0), out);
        }
    }

    private void writeGaps(Queue<Page.Gap> gaps, long before, ByteBuf out) {
        while (!gaps.isEmpty() && gaps.element().resumed().seq() < before) {
            Page.Gap gap = gaps.remove();
            var frame = Frames.gap(gap.channel().name(), after, gap.resumed(), reason);
            encoding.writeControl(frame, gap.resumed(), out);
        }
    }
}
