package io.anabranch.hub;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * The patterns that one receiver has subscribers for. Written by that receiver, read by whoever
 * appends.
 */
public final class Interest {
    private final Set<String> channels = ConcurrentHashMap.newKeySet();
    private final Set<String> prefixes = ConcurrentHashMap.newKeySet();
    private final Set<Integer> prefixLengths = new CopyOnWriteArraySet<>();

    /** From when this returns, messages that match are offered. */
    public void add(ChannelPattern pattern) {
        if (pattern.isExact()) {
            channels.add(pattern.text());
        } else {
            prefixes.add(pattern.prefix());
            prefixLengths.add(pattern.prefix().length());
        }
    }

    public void remove(ChannelPattern pattern) {
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
