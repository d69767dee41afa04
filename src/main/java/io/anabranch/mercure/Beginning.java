package io.anabranch.mercure;

import io.anabranch.hub.Hub;
import io.anabranch.log.Extent;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.stream.Start;
import io.anabranch.stream.Update;
import io.vertx.core.Future;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a stream begins (Mercure, section "Reconnection").
 *
 * @param lastEventId the event before the first one, for the response; empty where the request
 *     asked for none
 */
record Beginning(Start start, Optional<String> lastEventId) {
    private static final Beginning LIVE = new Beginning(new Start.Live(), Optional.empty());
    private static final Beginning EARLIEST = after(new Cursor.Earliest(), Cursor.EARLIEST);

    private static final int PAGE_MESSAGES = 256;
    private static final int PAGE_BYTES = 64 * 1024;

    /** How many messages are looked through for a publisher's id. */
    private static final int MOST_LOOKED_THROUGH = 10_000;

    /**
     * Finds the place that a request names: one of the hub's own ids, {@code earliest}, or what a
     * publisher called an update. What is not found is followed by all that the log holds.
     *
     * @param requested null or empty for none
     */
    static Future<Beginning> of(@Nullable String requested, Hub hub, Reader reader) {
        if (requested == null || requested.isEmpty()) {
            return Future.succeededFuture(LIVE);
        }
        if (requested.equals(Cursor.EARLIEST)) {
            return Future.succeededFuture(EARLIEST);
        }
        if (!requested.startsWith("#")) {
            return find(requested, hub, reader, new Cursor.Earliest(), MOST_LOOKED_THROUGH)
                    .map(found -> found.map(id -> after(id, requested)).orElse(EARLIEST));
        }
        Optional<MessageId> id = parse(requested.substring(1));
        if (id.isEmpty()) {
            return Future.succeededFuture(EARLIEST);
        }
        Cursor cursor = new Cursor.After(id.get());
        return hub.extent(query(reader, cursor))
                .map(Extent::complete)
                .map(complete -> after(cursor, complete ? requested : Cursor.EARLIEST));
    }

    private static Beginning after(MessageId id, String lastEventId) {
        return after(new Cursor.After(id), lastEventId);
    }

    private static Beginning after(Cursor cursor, String lastEventId) {
        return new Beginning(new Start.After(cursor), Optional.of(lastEventId));
    }

    private static Optional<MessageId> parse(String text) {
        try {
            return Optional.of(MessageId.parse("Last-Event-ID", text));
        } catch (Refusal noId) {
            return Optional.empty();
        }
    }

    private static Query query(Reader reader, Cursor after) {
        return new Query(reader.patterns(), after, Query.HEAD, 0, PAGE_MESSAGES, PAGE_BYTES);
    }

    /** The last update of that name among what the reader sees, from {@code after} on. */
    private static Future<Optional<MessageId>> find(
            String name, Hub hub, Reader reader, Cursor after, int left) {
        return hub.read(query(reader, after))
                .compose(
                        page -> {
                            Optional<MessageId> here = lastOf(name, page, reader);
                            int rest = left - page.messages().size();
                            if (!page.more() || rest <= 0) {
                                return Future.succeededFuture(here);
                            }
                            Cursor next = new Cursor.After(page.cursor());
                            return find(name, hub, reader, next, rest)
                                    .map(later -> later.or(() -> here));
                        });
    }

    private static Optional<MessageId> lastOf(String name, Page page, Reader reader) {
        return page.messages().stream()
                .filter(message -> Update.of(message).id().filter(name::equals).isPresent())
                .filter(reader::shows)
                .map(Message::id)
                .reduce((earlier, later) -> later);
    }
}
