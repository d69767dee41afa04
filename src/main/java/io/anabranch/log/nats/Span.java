package io.anabranch.log.nats;

import io.anabranch.log.Query;
import io.anabranch.message.Cursor;
import io.anabranch.message.MessageId;

/**
 * What a query means to the log at one moment.
 *
 * @param head the log's head at that moment
 * @param after all up to here is not asked for
 * @param upTo the last place asked for, no less than {@code after}
 * @param reset whether the cursor is none of this log's
 */
record Span(MessageId head, long after, long upTo, boolean reset) {
    /**
     * @param newest the newest place of the stream: a cursor behind it is none of this log's
     */
    static Span of(Query query, MessageId head, long newest) {
        if (!(query.after() instanceof Cursor.After cursor)) {
            return of(query, head, 0, false);
        }
        MessageId id = cursor.id();
        boolean reset = !id.epoch().equals(head.epoch()) || id.seq() > newest;
        return of(query, head, reset ? 0 : id.seq(), reset);
    }

    private static Span of(Query query, MessageId head, long after, boolean reset) {
        long upTo = Math.max(after, Math.min(query.upTo(), head.seq()));
        return new Span(head, after, upTo, reset);
    }
}
