package io.anabranch.log.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.log.Draft;
import io.anabranch.message.Channel;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.nats.client.impl.Headers;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * How a message stands in the stream: its data as the payload, the rest in headers, whose values
 * are percent-encoded, as they may hold ASCII alone.
 */
final class Codec {
    static final String TIME = "Time";
    static final String EVENT = "Event";
    static final String USER = "User";
    static final String CUT = "Cut";
    static final String EPOCH = "Epoch";

    /** Of a message that the broker hands on as it stores it. */
    static final String SEQUENCE = "Nats-Sequence";

    static final String SUBJECT = "Nats-Subject";

    private Codec() {}

    /**
     * @param withKey whether a deduplication key counts
     */
    static Headers headers(Draft draft, long time, boolean withKey) {
        Headers headers = new Headers().put(TIME, Long.toString(time));
        if (!draft.event().equals(EventName.DEFAULT)) {
            headers.put(EVENT, URLEncoder.encode(draft.event(), UTF_8));
        }
        if (draft.user() != null) {
            headers.put(USER, URLEncoder.encode(draft.user(), UTF_8));
        }
        if (withKey && draft.dedup() != null) {
            headers.put("Nats-Msg-Id", key(draft.user(), draft.channel().name(), draft.dedup()));
        }
        return headers;
    }

    /** What makes two drafts the same message, in a length that the broker can hold many of. */
    private static String key(@Nullable String user, String channel, String dedup) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((byte) (user == null ? 0 : 1));
            for (String part : new String[] {user == null ? "" : user, channel, dedup}) {
                byte[] utf8 = part.getBytes(UTF_8);
                digest.update(ByteBuffer.allocate(4).putInt(utf8.length).array());
                digest.update(utf8);
            }
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * The message that stands at a place. What another program than a hub has stored there counts
     * too: data that is no JSON as text, headers that make no sense not at all.
     *
     * @param stored when the broker stored it, in ms since 1970 UTC
     */
    static Message message(
            MessageId id,
            @Nullable MessageId prev,
            Channel channel,
            @Nullable Headers headers,
            byte[] data,
            long stored) {
        String user = text(headers, USER);
        return new Message(
                id, prev, channel, event(headers), value(data), time(headers, stored), user);
    }

    private static String event(@Nullable Headers headers) {
        try {
            String event = text(headers, EVENT);
            return event == null ? EventName.DEFAULT : EventName.check(event);
        } catch (Refusal e) {
            return EventName.DEFAULT;
        }
    }

    private static JsonValue value(byte[] data) {
        try {
            return JsonValue.parse(data);
        } catch (Refusal e) {
            return JsonValue.ofText(new String(data, UTF_8));
        }
    }

    /** When the message was published, in ms since 1970 UTC. */
    static long time(@Nullable Headers headers, long stored) {
        long time = number(headers, TIME);
        return time == 0 ? stored : time;
    }

    /** The number that a header holds; 0 where there is none. */
    static long number(@Nullable Headers headers, String name) {
        String text = headers == null ? null : headers.getFirst(name);
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static @Nullable String text(@Nullable Headers headers, String name) {
        String text = headers == null ? null : headers.getFirst(name);
        try {
            return text == null ? null : URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
