package io.anabranch.stream;

import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A page of the log for several readers of one event loop, encoded once in each form that is asked
 * for. {@link SharedPages} releases it.
 */
final class SharedPage {
    private final Query query;
    private final MessageId readAt;
    private final Page page;
    private final List<Message> first;
    private final Prepared prepared;

    /**
     * @param readAt the log's head before it was read
     */
    SharedPage(Query query, MessageId readAt, Page page) {
        this.query = query;
        this.readAt = readAt;
        this.page = page;
        this.first = first(page.messages());
        this.prepared = Prepared.of(first);
    }

    /** As many as are written at once, one at the least. */
    private static List<Message> first(List<Message> messages) {
        int room = Fanout.WRITE_BYTES;
        int count = 0;
        for (Message message : messages) {
            room -= message.size();
            if (count > 0 && room < 0) {
                return messages.subList(0, count);
            }
            count++;
        }
        return messages;
    }

    Page page() {
        return page;
    }

    /**
     * Whether a read that began when the log's head was {@code head} needs no newer page: what
     * comes to the end of the log changes a page only if that reached the end, or has the newest
     * messages of its channels.
     */
    boolean isCurrent(MessageId head) {
        boolean isSameEpoch =
                readAt.epoch().equals(head.epoch()) && page.cursor().epoch().equals(head.epoch());
        boolean isFixed =
                query.upTo() <= readAt.seq() || (page.more() && query.lastPerChannel() == 0);
        return isSameEpoch && (isFixed || readAt.equals(head));
    }

    /** Whether {@code wanted} of the page's messages are all there is to write of it. */
    boolean isAll(List<Message> wanted) {
        return wanted.size() == page.messages().size() && page.gaps().isEmpty() && !page.reset();
    }

    /** How many of the page's messages {@link #share} has. */
    int messages() {
        return first.size();
    }

    /** Up to where a connection is complete that has them. */
    MessageId end() {
        return first.size() < page.messages().size()
                ? first.get(first.size() - 1).id()
                : page.cursor();
    }

    /** A share of the first messages in {@code encoding}, which the caller owns. */
    ByteBuf share(Encoding encoding) {
        return prepared.share(encoding);
    }

    /** About what its messages take, and so does each form that they were encoded in. */
    int bytes() {
        return page.messages().stream().mapToInt(Message::size).sum();
    }

    void release() {
        prepared.release();
    }
}
