package io.anabranch.http;

import io.anabranch.stream.Sink;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** The open connections of one event loop, for that loop alone. */
final class Sessions {
    /** What was written last is given this long to leave, in ms. */
    private static final long LINGER_MS = 100;

    /** What has ended is closed after this time, in ms, whether its client has read that or not. */
    private static final long END_WITHIN_MS = 900;

    private final Set<Session> open = new LinkedHashSet<>();

    void add(Session session) {
        open.add(session);
    }

    void remove(Session session) {
        open.remove(session);
    }

    /** Closes the connection of a client that does not read its end, which would be kept for it. */
    void abortUnlessSent(Vertx vertx, Sink sink) {
        vertx.setTimer(END_WITHIN_MS, unused -> sink.abortUnlessSent());
    }

    /**
     * Asks all clients to come back when the hub goes down (protocol, section 5: 4503), each at
     * another moment within {@code withinMs}.
     */
    Future<Void> endAll(Vertx vertx, int withinMs) {
        if (open.isEmpty()) {
            return Future.succeededFuture();
        }
        for (Session session : List.copyOf(open)) {
            long after = 1 + ThreadLocalRandom.current().nextInt(Math.max(1, withinMs));
            session.end(Closing.restarting(after));
        }
        Promise<Void> left = Promise.promise();
        vertx.setTimer(LINGER_MS, timer -> left.complete());
        return left.future();
    }
}
