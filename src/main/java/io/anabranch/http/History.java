package io.anabranch.http;

import static io.anabranch.http.OnLoop.onLoop;

import io.anabranch.auth.Principal;
import io.anabranch.hub.Hub;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Limit;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a channel's past, oldest first (protocol, section 6). After a cursor, or from the
 * beginning, it goes forward; with {@code before} alone it gives the newest before that.
 */
final class History {
    private static final int DEFAULT_LIMIT = 100;
    private final Hub hub;
    private final Channel channel;
    private final @Nullable String after;
    private final @Nullable String before;
    private final int limit;
    private final int maxBytes;

    private History(
            Hub hub,
            Channel channel,
            @Nullable String after,
            @Nullable String before,
            int limit,
            int maxBytes) {
        this.hub = hub;
        this.channel = channel;
        this.after = after;
        this.before = before;
        this.limit = limit;
        this.maxBytes = maxBytes;
    }

    /**
     * Answers a {@code history} frame.
     *
     * @param maxLimit how many messages may be asked for
     * @param maxBytes the page ends when it holds about this many
     */
    static Future<JsonObject> read(
            Hub hub, Principal principal, Members frame, int maxLimit, int maxBytes) {
        Channel channel = SubscribeRequest.channel(frame.text("channel"));
        JsonValue asked = frame.value("limit");
        String text = asked == null || asked.isNull() ? null : asked.toString();
        int limit = limit(text, maxLimit);
        return new History(hub, channel, frame.text("after"), frame.text("before"), limit, maxBytes)
                .readAs(principal);
    }

    /** Answers a verticle. */
    static Future<JsonObject> read(Hub hub, Principal principal, JsonObject query, int maxLimit) {
        Members members = Members.parse("body", query.toBuffer().getBytes());
        return read(hub, principal, members, maxLimit, HubCore.PAGE_BYTES);
    }

    /** Answers a request's query. */
    static Future<JsonObject> read(
            Hub hub, Principal principal, Channel channel, MultiMap query, int maxLimit) {
        int limit = limit(query.get("limit"), maxLimit);
        return new History(
                        hub,
                        channel,
                        query.get("after"),
                        query.get("before"),
                        limit,
                        HubCore.PAGE_BYTES)
                .readAs(principal);
    }

    private static int limit(@Nullable String text, int most) {
        if (text != null && text.matches("[0-9]{1,9}") && Integer.parseInt(text) > most) {
            throw Refusal.overLimit(
                    Refusal.Reason.BAD_REQUEST, Limit.HISTORY_PAGE, "limit: " + text, most);
        }
        return Values.integer("limit", text, Math.min(DEFAULT_LIMIT, most), 1, most);
    }

    private Future<JsonObject> readAs(Principal principal) {
        Access.requireSubscribe(principal, List.of(ChannelPattern.of(channel)));
        return before != null && after == null ? backward(before) : forward();
    }

    private Future<JsonObject> forward() {
        Cursor from = after == null ? new Cursor.Earliest() : Cursor.parse("after", after);
        long upTo = before == null ? Query.HEAD : seqBefore(before);
        return onLoop(hub.read(query(from, upTo, 0, limit)))
                .map(page -> json(page.messages(), page, page.more(), from));
    }

    /** One more than is asked for tells whether there are older ones. */
    private Future<JsonObject> backward(String end) {
        return newest(seqBefore(end), limit + 1);
    }

    /** A page that is full of bytes holds the oldest of what was asked for: ask for fewer. */
    private Future<JsonObject> newest(long upTo, int count) {
        Cursor from = new Cursor.Earliest();
        return onLoop(hub.read(query(from, upTo, count, count)))
                .compose(
                        page -> {
                            if (page.more() && count > 1) {
                                return newest(upTo, (count + 1) / 2);
                            }
                            List<Message> messages = page.messages();
                            boolean more = messages.size() == count;
                            int first = more && count > 1 ? 1 : 0;
                            List<Message> newest = messages.subList(first, messages.size());
                            return Future.succeededFuture(json(newest, page, more, from));
                        });
    }

    private long seqBefore(String end) {
        MessageId id = MessageId.parse("before", end);
        return id.epoch().equals(hub.head().epoch()) ? Math.max(0, id.seq() - 1) : 0;
    }

    private Query query(Cursor from, long upTo, int newest, int messages) {
        return new Query(
                List.of(ChannelPattern.of(channel)), from, upTo, newest, messages, maxBytes);
    }

    private static JsonObject json(List<Message> messages, Page page, boolean more, Cursor from) {
        JsonArray array = new JsonArray();
        for (Message message : messages) {
            array.add(new JsonObject(Buffer.buffer(message.toJson())));
        }
        JsonObject json =
                new JsonObject()
                        .put("messages", array)
                        .put("cursor", page.cursor().toString())
                        .put("more", more);
        if (from instanceof Cursor.After cursor && (page.reset() || !page.gaps().isEmpty())) {
            JsonObject gap = new JsonObject().put("after", cursor.id().toString());
            page.gaps().forEach(cut -> gap.put("resumed", cut.resumed().toString()));
            json.put("gap", gap.put("reason", page.reset() ? "reset" : "expired"));
        }
        return json;
    }
}
