package io.anabranch.http;

import io.anabranch.message.ChannelPattern;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The open connections of all event loops of this hub. Each loop keeps its own, and is asked for
 * them: so they share nothing. Safe for use by any thread; futures complete on any of the loops.
 */
final class LiveSessions {
    private final List<Sessions> loops = new CopyOnWriteArrayList<>();
    private final AtomicLong opened = new AtomicLong();
    private final TransportSwitches switches;

    LiveSessions(TransportSwitches switches) {
        this.switches = switches;
    }

    /** An event loop has begun. */
    void add(Sessions sessions) {
        loops.add(sessions);
    }

    /**
     * A connection was opened. Its place in the order in which they are: µs since 1970 UTC, or one
     * more than the last, so that hubs have one order, if their clocks do.
     */
    long opened(Session session) {
        switches.opened(session);
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        return opened.updateAndGet(last -> Math.max(last + 1, now));
    }

    /** Those that match and were opened after the one of this number, in that order. */
    Future<Sessions.Part> list(Predicate<Session> which, long after, int limit) {
        return ask(sessions -> sessions.list(which, after, limit))
                .map(parts -> merged(parts, limit));
    }

    private static Sessions.Part merged(List<Sessions.Part> parts, int limit) {
        List<SessionEntry> first =
                parts.stream()
                        .flatMap(part -> part.first().stream())
                        .sorted(Comparator.comparingLong(SessionEntry::number))
                        .limit(limit)
                        .toList();
        return new Sessions.Part(first, parts.stream().mapToInt(Sessions.Part::count).sum());
    }

    /** How many subscriptions there are, by their patterns. */
    Future<Map<ChannelPattern, Integer>> subscriptions() {
        return ask(Sessions::subscriptions)
                .map(
                        parts -> {
                            Map<ChannelPattern, Integer> sum = new HashMap<>();
                            parts.forEach(
                                    part ->
                                            part.forEach(
                                                    (it, n) -> sum.merge(it, n, Integer::sum)));
                            return sum;
                        });
    }

    /** Ends those that match, and gives how many they are. */
    Future<Integer> end(Predicate<Session> which, Closing closing) {
        return ask(sessions -> sessions.end(which, closing))
                .map(ended -> ended.stream().mapToInt(Integer::intValue).sum());
    }

    private <T> Future<List<T>> ask(Function<Sessions, Future<T>> question) {
        List<Future<T>> answers = loops.stream().map(question).toList();
        return Future.all(answers).map(all -> all.<T>list());
    }
}
