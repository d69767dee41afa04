package io.anabranch.log.nats;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Up to where this hub has seen the stream, and who waits for it to see more. */
final class Progress {
    private final NavigableMap<Long, List<Promise<Void>>> waiting = new TreeMap<>();
    private long position;

    synchronized long position() {
        return position;
    }

    /** Completes when all up to {@code seq} has been seen; fails when it never will be. */
    Future<Void> at(long seq) {
        Promise<Void> seen = Promise.promise();
        synchronized (this) {
            if (seq > position) {
                waiting.computeIfAbsent(seq, at -> new ArrayList<>(1)).add(seen);
                return seen.future();
            }
        }
        return Future.succeededFuture();
    }

    /** All up to {@code seq} has been seen. */
    void to(long seq) {
        List<Promise<Void>> reached = new ArrayList<>();
        synchronized (this) {
            position = Math.max(position, seq);
            while (!waiting.isEmpty() && waiting.firstKey() <= position) {
                reached.addAll(waiting.pollFirstEntry().getValue());
            }
        }
        reached.forEach(Promise::tryComplete);
    }

    /** Begins anew at {@code seq}; what was waited for does not come. */
    void restart(long seq, Throwable failure) {
        List<Promise<Void>> vain = new ArrayList<>();
        synchronized (this) {
            position = seq;
            waiting.values().forEach(vain::addAll);
            waiting.clear();
        }
        vain.forEach(promise -> promise.tryFail(failure));
    }
}
