package io.anabranch.stream;

import io.anabranch.hub.Interest;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the listeners of a message on one event loop: one look-up for its channel, and one for each
 * length that a subscribed prefix has. Keeps the loop's {@link Interest} in step.
 */
final class ListenerIndex {
    private final Interest interest;
    private final Map<String, List<Listener>> byChannel = new HashMap<>();
    private final Map<String, List<Listener>> byPrefix = new HashMap<>();

    /** How many subscribed prefixes there are of each length. */
    private final Map<Integer, Integer> prefixLengths = new HashMap<>();

    ListenerIndex(Interest interest) {
        this.interest = interest;
    }

    void add(ChannelPattern pattern, Listener listener) {
        List<Listener> listeners = table(pattern).get(pattern.prefix());
        if (listeners == null) {
            listeners = new ArrayList<>(2);
            table(pattern).put(pattern.prefix(), listeners);
            interest.add(pattern);
            if (!pattern.isExact()) {
                prefixLengths.merge(pattern.prefix().length(), 1, Integer::sum);
            }
        }
        listeners.add(listener);
    }

    void remove(ChannelPattern pattern, Listener listener) {
        List<Listener> listeners = table(pattern).get(pattern.prefix());
        if (listeners == null || !removeOne(listeners, listener) || !listeners.isEmpty()) {
            return;
        }
        table(pattern).remove(pattern.prefix());
        interest.remove(pattern);
        if (!pattern.isExact()) {
            prefixLengths.computeIfPresent(
                    pattern.prefix().length(), (length, count) -> count == 1 ? null : count - 1);
        }
    }

    void dispatch(Message message, Prepared prepared) {
        String name = message.channel().name();
        tell(byChannel.get(name), message, prepared);
        for (int length : prefixLengths.keySet()) {
            if (length <= name.length()) {
                tell(byPrefix.get(name.substring(0, length)), message, prepared);
            }
        }
    }

    private static void tell(
            @Nullable List<Listener> listeners, Message message, Prepared prepared) {
        if (listeners == null) {
            return;
        }
        for (Listener listener : listeners) {
            listener.onMessage(message, prepared);
        }
    }

    private Map<String, List<Listener>> table(ChannelPattern pattern) {
        return pattern.isExact() ? byChannel : byPrefix;
    }

    /** Order among listeners means nothing, so the last one takes the free place. */
    private static boolean removeOne(List<Listener> listeners, Listener listener) {
        int at = listeners.indexOf(listener);
        if (at < 0) {
            return false;
        }
        Listener last = listeners.remove(listeners.size() - 1);
        if (last != listener) {
            listeners.set(at, last);
        }
        return true;
    }
}
