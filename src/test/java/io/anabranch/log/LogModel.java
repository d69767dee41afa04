package io.anabranch.log;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What a log must hold, told by a list of all messages ever and naive filters over it. */
final class LogModel {
    private final Function<Channel, Retention> retention;
    private final List<Message> ever = new ArrayList<>();
    private final Set<Long> removed = new HashSet<>();
    private final Map<Channel, Message> newestRemoved = new HashMap<>();

    LogModel(Function<Channel, Retention> retention) {
        this.retention = retention;
    }

    void add(Message message) {
        ever.add(message);
    }

    /** Removes what is one too many in its channel, or too old. */
    void retain(long now) {
        Map<Channel, Integer> newer = new HashMap<>();
        for (int i = ever.size() - 1; i >= 0; i--) {
            Message message = ever.get(i);
            Retention keeps = retention.apply(message.channel());
            int count = newer.merge(message.channel(), 1, Integer::sum);
            boolean gone = count > keeps.messages() || message.time() < now - keeps.ageMs();
            if (gone && removed.add(message.id().seq())) {
                newestRemoved.merge(
                        message.channel(), message, (a, b) -> a.id().seq() > b.id().seq() ? a : b);
            }
        }
    }

    List<Message> ever() {
        return ever;
    }

    long head() {
        return ever.isEmpty() ? 0 : ever.get(ever.size() - 1).id().seq();
    }

    Optional<Message> newest(Channel channel) {
        return ever.stream().filter(m -> m.channel().equals(channel)).reduce((a, b) -> b);
    }

    /** Messages held, after one place and up to another, on channels that match. */
    List<Message> held(List<ChannelPattern> patterns, long after, long upTo) {
        return ever.stream()
                .filter(m -> m.id().seq() > after && m.id().seq() <= upTo)
                .filter(m -> !removed.contains(m.id().seq()))
                .filter(m -> matches(patterns, m.channel()))
                .toList();
    }

    List<Message> newestHeld(List<ChannelPattern> patterns, long after, long upTo, int last) {
        Map<Channel, List<Message>> byChannel = new LinkedHashMap<>();
        for (Message message : held(patterns, 0, upTo)) {
            byChannel.computeIfAbsent(message.channel(), c -> new ArrayList<>()).add(message);
        }
        return byChannel.values().stream()
                .flatMap(all -> all.stream().skip(Math.max(0, all.size() - last)))
                .filter(m -> m.id().seq() > after)
                .sorted(Comparator.comparingLong(m -> m.id().seq()))
                .toList();
    }

    /** For each channel that lost messages after a place: the newest one lost, if up to another. */
    List<Page.Gap> gaps(List<ChannelPattern> patterns, long after, long upTo) {
        return newestRemoved.values().stream()
                .filter(m -> m.id().seq() > after && m.id().seq() <= upTo)
                .filter(m -> matches(patterns, m.channel()))
                .sorted(Comparator.comparingLong(m -> m.id().seq()))
                .map(m -> new Page.Gap(m.channel(), m.id()))
                .toList();
    }

    static boolean matches(List<ChannelPattern> patterns, Channel channel) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(channel));
    }
}
