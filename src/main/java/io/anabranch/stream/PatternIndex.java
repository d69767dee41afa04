package io.anabranch.stream;

import io.anabranch.hub.Interest;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds who on one event loop listens to a channel: one look-up for its name, and one for each
 * length that a subscribed prefix has. Keeps an {@link Interest} in step.
 */
final class PatternIndex<L> {
    private final Interest interest;
    private final Map<String, List<L>> byChannel = new HashMap<>();
    private final Map<String, List<L>> byPrefix = new HashMap<>();

    /** How many subscribed prefixes there are of each length. */
    private final Map<Integer, Integer> prefixLengths = new HashMap<>();

    PatternIndex(Interest interest) {
        this.interest = interest;
    }

    void add(ChannelPattern pattern, L listener) {
        List<L> listeners = table(pattern).get(pattern.prefix());
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

    void remove(ChannelPattern pattern, L listener) {
        List<L> listeners = table(pattern).get(pattern.prefix());
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

    void forEach(Channel channel, Consumer<L> action) {
        String name = channel.name();
        each(byChannel.get(name), action);
        for (int length : prefixLengths.keySet()) {
            if (length <= name.length()) {
                each(byPrefix.get(name.substring(0, length)), action);
            }
        }
    }

    private static <L> void each(@Nullable List<L> listeners, Consumer<L> action) {
        if (listeners != null) {
            listeners.forEach(action);
        }
    }

    private Map<String, List<L>> table(ChannelPattern pattern) {
        return pattern.isExact() ? byChannel : byPrefix;
    }

    /** Order among listeners means nothing, so the last one takes the free place. */
    private static <L> boolean removeOne(List<L> listeners, L listener) {
        int at = listeners.indexOf(listener);
        if (at < 0) {
            return false;
        }
        L last = listeners.remove(listeners.size() - 1);
        if (last != listener) {
            listeners.set(at, last);
        }
        return true;
    }
}
