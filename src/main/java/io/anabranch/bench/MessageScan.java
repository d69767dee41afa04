package io.anabranch.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;

/**
 * Finds what a message says without parsing it: the generator must cost less than the hub that it
 * measures. It knows the order in which the hub writes the members; anything else is parsed. Its
 * members hold for the last message that was read. For one thread.
 */
final class MessageScan {
    /** No {@code prev}, or a channel that is none of this run's. */
    static final int NONE = -1;

    private static final byte[] ID = bytes("{\"type\":\"message\",\"id\":\"");
    private static final byte[] PREV = bytes(",\"prev\":\"");
    private static final byte[] CHANNEL = bytes(",\"channel\":\"");
    private static final byte[] PUBLISHER = bytes(",\"p\":");
    private static final byte[] NUMBER = bytes(",\"n\":");
    private static final byte[] TIME = bytes(",\"t\":");
    private static final byte[] FILL = bytes(",\"x\":\"");

    private final Payload payload;
    private final String prefix;
    private final byte[] prefixBytes;
    private final byte[] data;

    /** Up to 8 characters of {@code a-z0-9}, a byte each. */
    long epoch;

    long seq;

    /** The place of the message before on its channel, or {@link #NONE}. */
    long prev;

    /** The number in the channel's name, or {@link #NONE}. */
    int channel;

    /** Whether this run published it; the members below hold only then. */
    boolean ours;

    int publishedOn;
    int publisher;
    long n;
    long atNanos;

    private byte[] in = new byte[0];
    private int at;
    private int end;

    MessageScan(Payload payload, String prefix) {
        this.payload = payload;
        this.prefix = prefix;
        this.prefixBytes = bytes(prefix);
        this.data = bytes(",\"data\":{\"b\":\"" + payload.run() + "\",\"c\":");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    /** Reads a message of this run as the hub writes it; false for anything else. */
    boolean scan(byte[] bytes, int from, int to) {
        in = bytes;
        at = from;
        end = to;
        if (!skip(ID) || !id()) {
            return false;
        }
        prev = NONE;
        if (skip(PREV) && !prev()) {
            return false;
        }
        if (!skip(CHANNEL) || !skip(prefixBytes)) {
            return false;
        }
        channel = (int) digits();
        ours = true;
        return channel >= 0 && skip('"') && ownData();
    }

    private boolean ownData() {
        int start = at + ",\"data\":".length();
        if (!skip(data)) {
            return false;
        }
        publishedOn = (int) digits();
        publisher = skip(PUBLISHER) ? (int) digits() : NONE;
        n = skip(NUMBER) ? digits() : NONE;
        atNanos = skip(TIME) ? digits() : NONE;
        int dataEnd = start + payload.bytes();
        return skip(FILL)
                && dataEnd < end
                && in[dataEnd - 1] == '}'
                && in[dataEnd] == ','
                && in[end - 1] == '}';
    }

    private boolean id() {
        epoch = 0;
        for (int i = 0; i <= Long.BYTES && at < end; i++) {
            byte b = in[at++];
            if (b == '-') {
                seq = digits();
                return seq >= 0 && skip('"');
            }
            epoch = epoch << 8 | b;
        }
        return false;
    }

    private boolean prev() {
        while (at < end && in[at] != '-') {
            at++;
        }
        at++;
        prev = digits();
        return prev >= 0 && skip('"');
    }

    private boolean skip(byte[] expected) {
        int next = at + expected.length;
        if (next > end || !Arrays.equals(in, at, next, expected, 0, expected.length)) {
            return false;
        }
        at = next;
        return true;
    }

    private boolean skip(char expected) {
        return at < end && in[at++] == expected;
    }

    /** At least one digit, or {@link #NONE}. */
    private long digits() {
        int first = at;
        long value = 0;
        while (at < end && in[at] >= '0' && in[at] <= '9') {
            value = value * 10 + in[at++] - '0';
        }
        return at > first && at - first < 19 ? value : NONE;
    }

    /**
     * Reads any message.
     *
     * @throws DecodeException when a member is missing or is not what it must be
     */
    void parse(JsonObject frame) {
        try {
            id(MessageId.parse("id", frame.getString("id", "")));
            String before = frame.getString("prev");
            prev = before == null ? NONE : MessageId.parse("prev", before).seq();
            channel = number(frame.getString("channel", ""));
            JsonObject published =
                    frame.getValue("data") instanceof JsonObject object ? object : new JsonObject();
            ours = payload.run().equals(published.getValue("b"));
            if (ours) {
                publishedOn = published.getInteger("c");
                publisher = published.getInteger("p");
                n = published.getLong("n");
                atNanos = published.getLong("t");
            }
        } catch (Refusal | ClassCastException | NullPointerException e) {
            throw new DecodeException(String.valueOf(e.getMessage()), e);
        }
    }

    private void id(MessageId id) {
        epoch = 0;
        for (byte b : bytes(id.epoch())) {
            epoch = epoch << 8 | b;
        }
        seq = id.seq();
    }

    private int number(String name) {
        String digits = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
        return digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : NONE;
    }

    /** Whether a message, parsed, says what the scan of it said. */
    boolean agreesWith(JsonObject frame) {
        MessageScan parsed = new MessageScan(payload, prefix);
        parsed.parse(frame);
        return parsed.ours
                && parsed.epoch == epoch
                && parsed.seq == seq
                && parsed.prev == prev
                && parsed.channel == channel
                && parsed.outgoing().equals(outgoing());
    }

    /** Whether the data of a message of this run, which was read last, is what was published. */
    boolean isAsPublished(JsonObject frame) {
        return frame.getJsonObject("data").encode().equals(payload.of(outgoing()));
    }

    private Outgoing outgoing() {
        return new Outgoing(publisher, publishedOn, n, atNanos);
    }
}
