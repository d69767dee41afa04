package io.anabranch.log;

import io.anabranch.message.MessageId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The deduplication keys of the last while and the ids that they were given. Not safe for threads.
 */
public final class DedupWindow {
    private final long windowMs;
    private final Map<Key, Seen> seen = new LinkedHashMap<>();

    /**
     * @param windowMs how long a key is remembered, in ms
     */
    public DedupWindow(long windowMs) {
        this.windowMs = windowMs;
    }

    /** The id that the same key was given before, within the window. */
    public Optional<MessageId> find(Draft draft, long now) {
        expire(now);
        return Key.of(draft).map(seen::get).map(Seen::id);
    }

    public void remember(Draft draft, MessageId id, long now) {
        Key.of(draft).ifPresent(key -> remember(key, id, now));
    }

    /** Takes a key in again; to be called in the order of their times. */
    public void remember(Key key, MessageId id, long time) {
        seen.put(key, new Seen(id, time));
    }

    /** Takes back what was remembered of a message that came to nothing. */
    public void forget(Draft draft) {
        Key.of(draft).ifPresent(seen::remove);
    }

    /** The oldest time at {@code now} whose keys count. */
    public long oldest(long now) {
        return now - windowMs;
    }

    private void expire(long now) {
        Iterator<Seen> oldestFirst = seen.values().iterator();
        while (oldestFirst.hasNext() && oldestFirst.next().time() < oldest(now)) {
            oldestFirst.remove();
        }
    }

    /** What makes two drafts the same message. */
    public record Key(@Nullable String user, String channel, String dedup) {
        static Optional<Key> of(Draft draft) {
            return Optional.ofNullable(draft.dedup())
                    .map(dedup -> new Key(draft.user(), draft.channel().name(), dedup));
        }
    }

    private record Seen(MessageId id, long time) {}
}
