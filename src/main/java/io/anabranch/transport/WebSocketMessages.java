package io.anabranch.transport;

import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Puts the data frames of a WebSocket together to messages (RFC 6455 §5.4), with a bound on their
 * size, and closes with the code of RFC 6455 §7.4.1 what breaks the protocol: text as soon as the
 * part of it that has come is no UTF-8. On the socket's event loop.
 */
public final class WebSocketMessages {
    /** Gets what was read, on the socket's event loop. */
    public interface Receiver {
        /** A whole text message, which is UTF-8. */
        void onText(byte[] utf8);

        /** A whole binary message. */
        void onBinary(byte[] bytes);

        /**
         * The protocol was broken, and the socket closes now: nothing may be sent any more.
         *
         * @param tooLarge whether by the size of a message
         */
        void onBroken(boolean tooLarge);
    }

    private final ServerWebSocket socket;
    private final int maxBytes;
    private final Receiver receiver;

    /** The parts that have come of a message that has not come as a whole. */
    private @Nullable Buffer fragments;

    private boolean isText;

    /** How many bytes of a text are UTF-8 for certain. */
    private int checked;

    private boolean refused;

    private WebSocketMessages(ServerWebSocket socket, int maxBytes, Receiver receiver) {
        this.socket = socket;
        this.maxBytes = maxBytes;
        this.receiver = receiver;
    }

    /**
     * Reads a socket from now on; takes its frame and its exception handler.
     *
     * @param maxBytes how large a message may be, in bytes
     */
    public static void read(ServerWebSocket socket, int maxBytes, Receiver receiver) {
        var messages = new WebSocketMessages(socket, maxBytes, receiver);
        socket.frameHandler(messages::onFrame);
        socket.exceptionHandler(messages::onException);
    }

    private void onFrame(WebSocketFrame frame) {
        if (refused) {
            return;
        }
        if (frame.isText() || frame.isBinary()) {
            isText = frame.isText();
            collect(frame);
        } else if (frame.isContinuation()) {
            collect(frame);
        }
    }

    private void collect(WebSocketFrame frame) {
        Buffer part = frame.binaryData();
        int before = fragments == null ? 0 : fragments.length();
        if (before + part.length() > maxBytes) {
            refuse(
                    WebSocketCloseStatus.MESSAGE_TOO_BIG,
                    "message over " + maxBytes + " bytes, limits.frame");
            return;
        }
        Buffer whole = fragments == null ? part : fragments.appendBuffer(part);
        byte[] unchecked = isText ? whole.getBytes(checked, whole.length()) : new byte[0];
        int valid = validBytes(unchecked, frame.isFinal());
        if (valid < 0) {
            refuse(WebSocketCloseStatus.INVALID_PAYLOAD_DATA, "text is not UTF-8");
        } else if (frame.isFinal()) {
            fragments = null;
            checked = 0;
            deliver(whole.getBytes());
        } else {
            fragments = fragments == null ? Buffer.buffer().appendBuffer(part) : whole;
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

    /** What the decoder found, Netty's, which does not close by itself. */
    private void onException(Throwable failure) {
        if (failure instanceof CorruptedWebSocketFrameException corrupted) {
            refuse(corrupted.closeStatus(), String.valueOf(corrupted.getMessage()));
        }
    }

    private void refuse(WebSocketCloseStatus status, String reason) {
        refused = true;
        fragments = null;
        receiver.onBroken(status.code() == WebSocketCloseStatus.MESSAGE_TOO_BIG.code());
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
