package io.anabranch.http;

import io.anabranch.auth.Revocations;
import io.anabranch.message.ChannelPattern;
import io.anabranch.stream.Sink;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open connections of one event loop, for that loop alone but where it says otherwise. */
final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    /** What was written last is given this long to leave, in ms. */
    private static final long LINGER_MS = 100;

    /** What has ended is closed after this time, in ms, whether its client has read that or not. */
    private static final long END_WITHIN_MS = 900;

    /** After as many ends in one turn the loop's other connections have theirs. */
    private static final int ENDS_PER_TURN = 64;

    private final Vertx vertx;
    private final Context loop;
    private final Revocations revocations;
    private final LiveSessions all;

    /** In the order in which they were opened. */
    private final Map<Session, Opened> open = new LinkedHashMap<>();

    /**
     * To be made on the context of its event loop.
     *
     * @param all of all loops
     */
    Sessions(Vertx vertx, Revocations revocations, LiveSessions all) {
        this.vertx = vertx;
        this.loop = vertx.getOrCreateContext();
        this.revocations = revocations;
        this.all = all;
    }

    private record Opened(long number, long sinceMs) {}

    /**
     * Some of the connections, and how many there are.
     *
     * @param first in the order in which they were opened
     * @param count all that match
     */
    record Part(List<SessionEntry> first, int count) {}

    void add(Session session) {
        open.put(session, new Opened(all.opened(session), System.currentTimeMillis()));
        // Between its token's check and now, nobody could have ended it.
        if (revocations.isRevoked(session.principal())) {
            loop.runOnContext(unused -> session.end(Closing.REVOKED));
        }
    }

    void remove(Session session) {
        open.remove(session);
    }

    /** Closes the connection of a client that does not read its end, which would be kept for it. */
    void abortUnlessSent(Sink sink) {
        vertx.setTimer(END_WITHIN_MS, unused -> sink.abortUnlessSent());
    }

    /**
     * Those that match and were opened after the one of this number. For any thread; completes on
     * the loop.
     */
    Future<Part> list(Predicate<Session> which, long after, int limit) {
        Promise<Part> part = Promise.promise();
        loop.runOnContext(unused -> part.complete(listNow(which, after, limit)));
        return part.future();
    }

    private Part listNow(Predicate<Session> which, long after, int limit) {
        List<SessionEntry> first = new ArrayList<>();
        int count = 0;
        for (Map.Entry<Session, Opened> entry : open.entrySet()) {
            Session session = entry.getKey();
            Opened opened = entry.getValue();
            if (!which.test(session)) {
                continue;
            }
            count++;
            if (opened.number() > after && first.size() < limit) {
                first.add(
                        new SessionEntry(
                                opened.number(),
                                opened.sinceMs(),
                                session.id(),
                                session.principal(),
                                List.copyOf(session.channels()),
                                session.state()));
            }
        }
        return new Part(first, count);
    }

    /**
     * How many subscriptions there are, by their patterns. For any thread; completes on the loop.
     */
    Future<Map<ChannelPattern, Integer>> subscriptions() {
        Promise<Map<ChannelPattern, Integer>> counted = Promise.promise();
        loop.runOnContext(
                unused -> {
                    Map<ChannelPattern, Integer> counts = new HashMap<>();
                    for (Session session : open.keySet()) {
                        session.channels().forEach(it -> counts.merge(it, 1, Integer::sum));
                    }
                    counted.complete(counts);
                });
        return counted.future();
    }

    /**
     * Ends those that match, a few a turn, and gives how many they are. For any thread; completes
     * on the loop.
     */
    Future<Integer> end(Predicate<Session> which, Closing closing) {
        Promise<Integer> ended = Promise.promise();
        loop.runOnContext(
                unused -> {
                    List<Session> matching = open.keySet().stream().filter(which).toList();
                    endSome(matching.iterator(), which, closing);
                    ended.complete(matching.size());
                });
        return ended.future();
    }

    private void endSome(Iterator<Session> left, Predicate<Session> which, Closing closing) {
        for (int i = 0; i < ENDS_PER_TURN && left.hasNext(); i++) {
            Session session = left.next();
            // It may have another token by now.
            if (which.test(session)) {
                endOne(session, closing);
            }
        }
        if (left.hasNext()) {
            loop.runOnContext(unused -> endSome(left, which, closing));
        }
    }

    private static void endOne(Session session, Closing closing) {
        try {
            session.end(closing);
        } catch (RuntimeException e) {
            LOG.error("a connection is not ended well", e);
        }
    }

    /**
     * Asks all clients to come back when the hub goes down (protocol, section 5: 4503), each at
     * another moment within {@code withinMs}.
     */
    Future<Void> endAll(int withinMs) {
        if (open.isEmpty()) {
            return Future.succeededFuture();
        }
        for (Session session : List.copyOf(open.keySet())) {
            long after = 1 + ThreadLocalRandom.current().nextInt(Math.max(1, withinMs));
            session.end(Closing.restarting(after));
        }
        Promise<Void> left = Promise.promise();
        vertx.setTimer(LINGER_MS, timer -> left.complete());
        return left.future();
    }
}
