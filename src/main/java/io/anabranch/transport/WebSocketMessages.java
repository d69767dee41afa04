package io.anabranch.transport;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Puts the data frames of a WebSocket together to messages (RFC 6455 §5.4), with a bound on their
 * size, and closes with the code of RFC 6455 §7.4.1 what breaks the protocol: text as soon as the
 * part of it that has come is no UTF-8. On the socket's event loop.
 */
final class WebSocketMessages {
    private final WebSocket socket;
    private final int maxBytes;
    private final WebSocket.Receiver receiver;

    /** The parts that have come of a message that has not come as a whole. */
    private @Nullable Buffer fragments;

    private boolean isText;

    /** How many bytes of a text are UTF-8 for certain. */
    private int checked;

    /**
     * @param maxBytes how large a message may be, in bytes
     */
    WebSocketMessages(WebSocket socket, int maxBytes, WebSocket.Receiver receiver) {
        this.socket = socket;
        this.maxBytes = maxBytes;
        this.receiver = receiver;
    }

    WebSocket.Receiver receiver() {
        return receiver;
    }

    /** Takes a data frame, which stays the caller's. */
    void onFrame(WebSocketFrame frame) {
        if (!(frame instanceof ContinuationWebSocketFrame)) {
            isText = frame instanceof TextWebSocketFrame;
        }
        collect(ByteBufUtil.getBytes(frame.content()), frame.isFinalFragment());
    }

    private void collect(byte[] part, boolean isFinal) {
        int before = fragments == null ? 0 : fragments.length();
        if (before + part.length > maxBytes) {
            refuse(
                    WebSocketCloseStatus.MESSAGE_TOO_BIG,
                    "message over " + maxBytes + " bytes, limits.frame");
            return;
        }
        Buffer whole = fragments == null ? null : fragments.appendBytes(part);
        byte[] unchecked = whole == null ? part : whole.getBytes(checked, whole.length());
        int valid = isText ? validBytes(unchecked, isFinal) : unchecked.length;
        if (valid < 0) {
            refuse(WebSocketCloseStatus.INVALID_PAYLOAD_DATA, "text is not UTF-8");
        } else if (isFinal) {
            fragments = null;
            checked = 0;
            deliver(whole == null ? part : whole.getBytes());
        } else {
            fragments = whole == null ? Buffer.buffer(part) : whole;
            checked += valid;
        }
    }

    private void deliver(byte[] message) {
        if (isText) {
            receiver.onText(message);
        } else {
            receiver.onBinary(message);
        }
    }

    private void refuse(WebSocketCloseStatus status, String reason) {
        fragments = null;
        receiver.onBroken(status.equals(WebSocketCloseStatus.MESSAGE_TOO_BIG));
        socket.close((short) status.code(), reason);
    }

    /**
     * How many of the bytes are UTF-8, whatever follows; below 0 when they are none.
     *
     * @param isWhole whether nothing follows
     */
    private static int validBytes(byte[] text, boolean isWhole) {
        for (byte b : text) {
            if (b < 0) {
                ByteBuffer in = ByteBuffer.wrap(text);
                CharBuffer out = CharBuffer.allocate(text.length);
                boolean valid =
                        !StandardCharsets.UTF_8.newDecoder().decode(in, out, isWhole).isError();
                return valid ? in.position() : -1;
            }
        }
        return text.length;
    }
}
