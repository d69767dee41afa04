package io.anabranch.stream;

import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.MessageId;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the log for the feeds of one event loop. What several of them ask for at about the same
 * time, as when all come back after a restart, is read and encoded once. For its event loop alone.
 */
final class SharedPages {
    /** How many pages are kept at most, of readers who go through the log together. */
    static final int MOST_PAGES = 64;

    /** The largest page that is kept, in bytes. */
    static final int MOST_BYTES = 2 * Fanout.WRITE_BYTES;

    private final Fanout fanout;
    private final Map<Query, Future<SharedPage>> underWay = new HashMap<>();

    /** The oldest first. */
    private final Map<Query, SharedPage> kept = new LinkedHashMap<>();

    private boolean closed;

    SharedPages(Fanout fanout) {
        this.fanout = fanout;
    }

    /**
     * A page that holds what a read that begins now would, but for what retention takes meanwhile.
     * The future completes on the loop, at once where the page is at hand; the page is to be used
     * when it does, not later.
     */
    Future<SharedPage> read(Query query) {
        MessageId head = fanout.hub().head();
        SharedPage page = kept.get(query);
        if (page != null && page.isCurrent(head)) {
            return Future.succeededFuture(page);
        }
        Future<SharedPage> reading = underWay.get(query);
        return reading == null
                ? readNow(query, head)
                : reading.compose(
                        read -> read.isCurrent(head) ? Future.succeededFuture(read) : read(query));
    }

    private Future<SharedPage> readNow(Query query, MessageId head) {
        Future<Page> page = fanout.hub().read(query);
        Promise<SharedPage> reading = Promise.promise();
        underWay.put(query, reading.future());
        page.onComplete(read -> fanout.run(() -> complete(query, head, read, reading)));
        return reading.future();
    }

    private void complete(
            Query query, MessageId head, AsyncResult<Page> read, Promise<SharedPage> reading) {
        underWay.remove(query);
        if (read.failed()) {
            reading.fail(read.cause());
            return;
        }
        SharedPage page = new SharedPage(query, head, read.result());
        reading.complete(page);
        keep(query, page);
    }

    private void keep(Query query, SharedPage page) {
        SharedPage older = kept.remove(query);
        if (older != null) {
            older.release();
        }
        if (closed || page.bytes() > MOST_BYTES) {
            page.release();
            return;
        }
        kept.put(query, page);
        if (kept.size() > MOST_PAGES) {
            dropOldest();
        }
    }

    private void dropOldest() {
        Iterator<SharedPage> oldest = kept.values().iterator();
        SharedPage page = oldest.next();
        oldest.remove();
        page.release();
    }

    /** To be called often: who reads the same comes at the same time. */
    void clear() {
        kept.values().forEach(SharedPage::release);
        kept.clear();
    }

    /** Lets go of all, and keeps no more. */
    void close() {
        closed = true;
        clear();
    }
}
