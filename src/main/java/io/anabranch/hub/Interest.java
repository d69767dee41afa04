package io.anabranch.hub;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Consumer;

/**
 * The patterns that one receiver has subscribers for. Written by that receiver, read by whoever
 * appends.
 */
public final class Interest {
    private final Set<String> channels = ConcurrentHashMap.newKeySet();
    private final Set<String> prefixes = ConcurrentHashMap.newKeySet();
    private final Set<Integer> prefixLengths = new CopyOnWriteArraySet<>();

    private volatile Consumer<ChannelPattern> onAdd = pattern -> {};
    private volatile Consumer<ChannelPattern> onRemove = pattern -> {};

    /** Tells of each pattern that there is or comes from now on, and of each that goes. */
    void watch(Consumer<ChannelPattern> added, Consumer<ChannelPattern> removed) {
        onAdd = added;
        onRemove = removed;
        forEach(added);
    }

    /** Tells of each pattern that is left that it goes, and no more. */
    void unwatch() {
        Consumer<ChannelPattern> told = onRemove;
        onAdd = pattern -> {};
        onRemove = pattern -> {};
        forEach(told);
    }

    private void forEach(Consumer<ChannelPattern> action) {
        channels.forEach(channel -> action.accept(new ChannelPattern(channel)));
        prefixes.forEach(prefix -> action.accept(new ChannelPattern(prefix + "*")));
    }

    /** From when this returns, messages that match are offered. */
    public void add(ChannelPattern pattern) {
        if (pattern.isExact()) {
            channels.add(pattern.text());
        } else {
            prefixes.add(pattern.prefix());
            prefixLengths.add(pattern.prefix().length());
        }
        onAdd.accept(pattern);
    }

    public void remove(ChannelPattern pattern) {
        forget(pattern);
        onRemove.accept(pattern);
    }

    private void forget(ChannelPattern pattern) {
        if (pattern.isExact()) {
            channels.remove(pattern.text());
            return;
        }
        prefixes.remove(pattern.prefix());
        int length = pattern.prefix().length();
        if (prefixes.stream().noneMatch(prefix -> prefix.length() == length)) {
            prefixLengths.remove(length);
        }
    }

    public boolean includes(Channel channel) {
        String name = channel.name();
        if (channels.contains(name)) {
            return true;
        }
        for (int length : prefixLengths) {
            if (length <= name.length() && prefixes.contains(name.substring(0, length))) {
                return true;
            }
        }
        return false;
    }
}
