package io.anabranch.log.nats;

import io.anabranch.message.ChannelPattern;
import io.nats.client.Dispatcher;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What this hub has the broker hand on of messages as they are stored: those of the patterns that
 * it has readers for, and for a while longer. A subject that a wider one covers is not asked for
 * twice. What is not asked for, or not yet, is fetched, so nothing depends on it.
 */
final class LiveSubjects {
    private static final long LINGER_MS = 5_000;

    private final Subjects subjects;
    private final Dispatcher dispatcher;
    private final ScheduledExecutorService thread;
    private final NavigableMap<String, Integer> wanted = new TreeMap<>();
    private final Set<String> asked = new HashSet<>();
    private boolean on;

    LiveSubjects(Subjects subjects, Dispatcher dispatcher, ScheduledExecutorService thread) {
        this.subjects = subjects;
        this.dispatcher = dispatcher;
        this.thread = thread;
    }

    synchronized void follow(ChannelPattern pattern) {
        String subject = subjects.live(pattern);
        if (wanted.merge(subject, 1, Integer::sum) == 1) {
            refreshAllUnder(subject);
        }
    }

    void unfollow(ChannelPattern pattern) {
        String subject = subjects.live(pattern);
        thread.schedule(() -> release(subject), LINGER_MS, TimeUnit.MILLISECONDS);
    }

    private synchronized void release(String subject) {
        if (wanted.computeIfPresent(subject, (s, n) -> n == 1 ? null : n - 1) == null) {
            refreshAllUnder(subject);
        }
    }

    /** Asks for all of it, or for none. */
    synchronized void turn(boolean toOn) {
        if (on != toOn) {
            on = toOn;
            Set.copyOf(asked).forEach(this::refresh);
            wanted.keySet().forEach(this::refresh);
        }
    }

    private void refreshAllUnder(String subject) {
        refresh(subject);
        if (subject.endsWith(Subjects.ANY)) {
            String prefix = subject.substring(0, subject.length() - Subjects.ANY.length());
            wanted.subMap(prefix, prefix + Character.MAX_VALUE).keySet().forEach(this::refresh);
        }
    }

    private void refresh(String subject) {
        boolean asks = on && wanted.containsKey(subject) && !isCovered(subject);
        try {
            if (asks && asked.add(subject)) {
                dispatcher.subscribe(subject);
            } else if (!asks && asked.remove(subject)) {
                dispatcher.unsubscribe(subject);
            }
        } catch (IllegalStateException e) {
            // The connection is closed for good.
        }
    }

    private boolean isCovered(String subject) {
        for (int dot = subject.indexOf('.'); dot >= 0; dot = subject.indexOf('.', dot + 1)) {
            String wider = subject.substring(0, dot + 1) + Subjects.ANY;
            if (!wider.equals(subject) && wanted.containsKey(wider)) {
                return true;
            }
        }
        return false;
    }
}
