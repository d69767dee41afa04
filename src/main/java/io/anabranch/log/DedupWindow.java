package io.anabranch.log;

import io.anabranch.message.Channel;
import io.anabranch.message.MessageId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The deduplication keys of the last while and the ids that they were given. Not safe for threads.
 */
final class DedupWindow {
    private final long windowMs;
    private final Map<Key, Seen> seen = new LinkedHashMap<>();

    /**
     * @param windowMs how long a key is remembered, in ms
     */
    DedupWindow(long windowMs) {
        this.windowMs = windowMs;
    }

    /** The id that the same key was given before, within the window. */
    Optional<MessageId> find(Draft draft, long now) {
        forget(now);
        return Key.of(draft).map(seen::get).map(Seen::id);
    }

    void remember(Draft draft, MessageId id, long now) {
        Key.of(draft).ifPresent(key -> seen.put(key, new Seen(id, now)));
    }

    private void forget(long now) {
        Iterator<Seen> oldestFirst = seen.values().iterator();
        while (oldestFirst.hasNext() && oldestFirst.next().time() < now - windowMs) {
            oldestFirst.remove();
        }
    }

    private record Key(@Nullable String user, Channel channel, String dedup) {
        static Optional<Key> of(Draft draft) {
            return Optional.ofNullable(draft.dedup())
                    .map(dedup -> new Key(draft.user(), draft.channel(), dedup));
        }
    }

    private record Seen(MessageId id, long time) {}
}
