package io.anabranch.bridge;

import io.anabranch.stream.Encoding;
import io.anabranch.stream.Sink;
import io.netty.buffer.ByteBuf;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import java.nio.charset.StandardCharsets;

/** Frames of the bridge on one SockJS connection, each a message of its own. */
final class SocketSink implements Sink {
    private static final int FULL_BYTES = 8 * 1024;

    private final SockJSSocket socket;
    private boolean closed;

    SocketSink(SockJSSocket socket) {
        this.socket = socket;
        socket.setWriteQueueMaxSize(FULL_BYTES);
    }

    @Override
    public Encoding encoding() {
        return Encoding.BUS;
    }

    @Override
    public boolean isWritable() {
        return !closed && !socket.writeQueueFull();
    }

    /** What a delivery brings ends, frame by frame, with a character that no JSON has. */
    @Override
    public void write(ByteBuf bytes) {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.release();
        for (int start = 0; start < text.length() && !closed; ) {
            int end = text.indexOf(Encoding.BUS_SEPARATOR, start);
            socket.write(text.substring(start, end));
            start = end + 1;
        }
    }

    /** An answer, between deliveries. */
    void send(JsonObject frame) {
        if (!closed) {
            socket.write(frame.encode());
        }
    }

    void close() {
        closed = true;
    }

    @Override
    public void flush() {
        // SockJS flushes what is written.
    }

    @Override
    public void abortUnlessSent() {
        cut();
    }

    @Override
    public boolean isLost(long silentMs) {
        return false;
    }

    @Override
    public void cut() {
        if (!closed) {
            closed = true;
            socket.close();
        }
    }
}
