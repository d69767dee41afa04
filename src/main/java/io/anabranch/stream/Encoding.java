package io.anabranch.stream;

import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The forms in which a message travels: a WebSocket text frame (RFC 6455 §5.2), as it is or
 * compressed (RFC 7692), or an event-stream block (WHATWG HTML §9.2) with the published value alone
 * or in its envelope or as an update of Mercure, all of these with or without the chunk framing of
 * HTTP/1.1 (RFC 9112 §7.1).
 */
public enum Encoding {
    WEBSOCKET(false, true),
    WEBSOCKET_DEFLATED(false, true),
    SSE(false, false),
    SSE_ENVELOPE(false, true),
    SSE_CHUNKED(true, false),
    SSE_ENVELOPE_CHUNKED(true, true),
    MERCURE(false, false),
    MERCURE_CHUNKED(true, false),
    BUS(false, true);

    /** Ends each frame of {@link #BUS}; no JSON has it (RFC 8259 §2, §7). */
    public static final char BUS_SEPARATOR = 0x1e;

    /** What stands in the blocks of an event stream. */
    public enum Form {
        /** The published value alone. */
        PLAIN,
        /** The whole message. */
        ENVELOPE,
        /** What a {@link Update} brings, and ids that begin with {@code #}. */
        MERCURE
    }

    /** Room for a chunk's size, so that it can be written when it is known. */
    private static final int CHUNK_SIZE_DIGITS = 8;

    private static final int FIN_AND_TEXT = 0x81;
    private static final byte[] CRLF = {'\r', '\n'};

    private final boolean chunked;
    private final boolean envelope;

    Encoding(boolean chunked, boolean envelope) {
        this.chunked = chunked;
        this.envelope = envelope;
    }

    /** The encoding of an event stream. */
    public static Encoding eventStream(Form form, boolean chunked) {
        return switch (form) {
            case PLAIN -> chunked ? SSE_CHUNKED : SSE;
            case ENVELOPE -> chunked ? SSE_ENVELOPE_CHUNKED : SSE_ENVELOPE;
            case MERCURE -> chunked ? MERCURE_CHUNKED : MERCURE;
        };
    }

    /** A buffer, owned by the caller, with what {@code content} writes, framed for the wire. */
    ByteBuf buffer(int sizeHint, Consumer<ByteBuf> content) {
        ByteBuf out = allocate(sizeHint + 64);
        boolean written = false;
        try {
            write(content, out);
            written = true;
            return out;
        } finally {
            if (!written) {
                out.release();
            }
        }
    }

    private void write(Consumer<ByteBuf> content, ByteBuf out) {
        if (!chunked) {
            content.accept(out);
            return;
        }
        out.writeZero(CHUNK_SIZE_DIGITS).writeBytes(CRLF);
        int start = out.writerIndex();
        content.accept(out);
        setChunkSize(out, out.writerIndex() - start);
        out.writeBytes(CRLF);
    }

    /** From the pool, but for what Vert.x sends, which releases nothing when a stream is reset. */
    private ByteBuf allocate(int capacity) {
        return chunked || isWebSocket()
                ? PooledByteBufAllocator.DEFAULT.directBuffer(capacity)
                : Unpooled.buffer(capacity);
    }

    private static void setChunkSize(ByteBuf out, int size) {
        for (int i = 0; i < CHUNK_SIZE_DIGITS; i++) {
            int digit = (size >>> (4 * (CHUNK_SIZE_DIGITS - 1 - i))) & 0xf;
            out.setByte(i, Character.forDigit(digit, 16));
        }
    }

    void writeMessage(Message message, ByteBuf out) {
        if (isWebSocket()) {
            writeText(message.toJson(), out);
            return;
        }
        if (isMercure()) {
            writeUpdate(message, out);
            return;
        }
        if (this == BUS) {
            writeBusFrame(BusFrames.of(message), out);
            return;
        }
        writeField("id", message.id().toString(), out);
        if (!message.event().equals(EventName.DEFAULT)) {
            writeField("event", message.event(), out);
        }
        writeData(envelope ? message.toJson() : rawData(message.data()), out);
        out.writeByte('\n');
    }

    /**
     * An event has the id that its publisher gave it; the block behind it, without data, is no
     * event, and leaves the client with a cursor to come back with (WHATWG HTML §9.2.6).
     */
    private void writeUpdate(Message message, ByteBuf out) {
        Update update = Update.of(message);
        update.retryMs().ifPresent(ms -> writeRetry(ms, out));
        String cursor = Update.eventId(message.id());
        writeField("id", update.id().orElse(cursor), out);
        if (!message.event().equals(EventName.DEFAULT)) {
            writeField("event", message.event(), out);
        }
        writeData(rawData(update.data()), out);
        out.writeByte('\n');
        if (update.id().isPresent()) {
            writeHeartbeat(message.id(), out);
        }
    }

    /** A control frame of section 5; on an event stream a {@code hub.} event. */
    void writeControl(JsonObject frame, @Nullable MessageId cursor, ByteBuf out) {
        if (this == BUS) {
            BusFrames.of(frame).ifPresent(json -> writeBusFrame(json, out));
            return;
        }
        byte[] json = frame.toBuffer().getBytes();
        if (isWebSocket()) {
            writeText(json, out);
            return;
        }
        if (cursor != null) {
            writeField("id", eventId(cursor), out);
        }
        writeField("event", "hub." + frame.getString("type"), out);
        writeData(json, out);
        out.writeByte('\n');
    }

    /** "Complete up to here": a frame, or on an event stream an {@code id:} block without data. */
    void writeHeartbeat(MessageId cursor, ByteBuf out) {
        if (isWebSocket()) {
            writeText(Frames.heartbeat(cursor).toBuffer().getBytes(), out);
            return;
        }
        if (this == BUS) {
            return; // SockJS has its own.
        }
        writeField("id", eventId(cursor), out);
        out.writeByte('\n');
    }

    private static void writeBusFrame(byte[] json, ByteBuf out) {
        out.writeBytes(json).writeByte(BUS_SEPARATOR);
    }

    private String eventId(MessageId cursor) {
        return isMercure() ? Update.eventId(cursor) : cursor.toString();
    }

    private boolean isMercure() {
        return this == MERCURE || this == MERCURE_CHUNKED;
    }

    private static byte[] rawData(JsonValue data) {
        return data.isText() ? data.text().getBytes(StandardCharsets.UTF_8) : data.utf8();
    }

    /** How long an EventSource waits before it reconnects, in ms. */
    static void writeRetry(long ms, ByteBuf out) {
        writeField("retry", Long.toString(ms), out);
    }

    private static void writeField(String name, String value, ByteBuf out) {
        out.writeCharSequence(name, StandardCharsets.US_ASCII);
        out.writeByte(':').writeByte(' ');
        out.writeCharSequence(value, StandardCharsets.UTF_8);
        out.writeByte('\n');
    }

    /** One {@code data:} line for each line of {@code text}, which ends at CR, LF or CRLF. */
    private static void writeData(byte[] text, ByteBuf out) {
        int start = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n' || text[i] == '\r') {
                writeDataLine(text, start, i, out);
                if (text[i] == '\r' && i + 1 < text.length && text[i + 1] == '\n') {
                    i++;
                }
                start = i + 1;
            }
        }
        writeDataLine(text, start, text.length, out);
    }

    private static void writeDataLine(byte[] text, int start, int end, ByteBuf out) {
        out.writeCharSequence("data: ", StandardCharsets.US_ASCII);
        out.writeBytes(text, start, end - start).writeByte('\n');
    }

    /** Whether it is for a stream of the server's alone; otherwise the client sends there, too. */
    boolean isEventStream() {
        return !isWebSocket() && this != BUS;
    }

    boolean isWebSocket() {
        return this == WEBSOCKET || this == WEBSOCKET_DEFLATED;
    }

    void writeText(byte[] text, ByteBuf out) {
        if (this == WEBSOCKET_DEFLATED) {
            DeflatedFrames.write(text, out);
        } else {
            writeTextFrame(text, out);
        }
    }

    static void writeTextFrame(byte[] text, ByteBuf out) {
        writeFrame(FIN_AND_TEXT, text, text.length, out);
    }

    /**
     * @param firstByte FIN, the reserved bits and the opcode
     * @param length how much of {@code payload} is meant
     */
    static void writeFrame(int firstByte, byte[] payload, int length, ByteBuf out) {
        out.writeByte(firstByte);
        if (length < 126) {
            out.writeByte(length);
        } else if (length < 1 << 16) {
            out.writeByte(126).writeShort(length);
        } else {
            out.writeByte(127).writeLong(length);
        }
        out.writeBytes(payload, 0, length);
    }
}
