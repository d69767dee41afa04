package io.anabranch.transport;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Puts the data frames of a WebSocket together to text messages (RFC 6455 §5.4), with a bound on
 * their size, and closes with the code of RFC 6455 §7.4.1 what cannot be read.
 */
public final class WebSocketMessages implements Handler<WebSocketFrame> {
    private static final short UNSUPPORTED_DATA = 1003;
    private static final short INVALID_PAYLOAD = 1007;
    private static final short TOO_BIG = 1009;

    private final ServerWebSocket socket;
    private final int maxBytes;
    private final Handler<byte[]> onText;
    private @Nullable Buffer fragments;

    /**
     * @param maxBytes how large a message may be, in bytes
     * @param onText gets each whole message, which is UTF-8
     */
    public WebSocketMessages(ServerWebSocket socket, int maxBytes, Handler<byte[]> onText) {
        this.socket = socket;
        this.maxBytes = maxBytes;
        this.onText = onText;
    }

    @Override
    public void handle(WebSocketFrame frame) {
        if (frame.isBinary()) {
            refuse(UNSUPPORTED_DATA, "binary frame (expected: text)");
        } else if (frame.isText() || frame.isContinuation()) {
            collect(frame);
        }
    }

    private void collect(WebSocketFrame frame) {
        Buffer part = frame.binaryData();
        Buffer whole = fragments == null ? part : fragments.appendBuffer(part);
        if (whole.length() > maxBytes) {
            refuse(TOO_BIG, "message over " + maxBytes + " bytes");
        } else if (!frame.isFinal()) {
            fragments = fragments == null ? part.copy() : whole;
        } else {
            fragments = null;
            deliver(whole.getBytes());
        }
    }

    private void deliver(byte[] text) {
        if (isUtf8(text)) {
            onText.handle(text);
        } else {
            refuse(INVALID_PAYLOAD, "text is not UTF-8");
        }
    }

    private void refuse(short code, String reason) {
        fragments = null;
        socket.frameHandler(null);
        socket.close(code, reason);
    }

    private static boolean isUtf8(byte[] text) {
        for (byte b : text) {
            if (b < 0) {
                return decodes(text);
            }
        }
        return true;
    }

    private static boolean decodes(byte[] text) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).hasArray();
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
