package io.anabranch.transport;

import io.anabranch.stream.Encoding;
import io.anabranch.stream.Sink;
import io.netty.buffer.ByteBuf;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Optional;

/**
 * An event stream by Vert.x's public API: for HTTP/2 and HTTP/3, which frame it, and for HTTP/1.0.
 */
public final class ResponseSink implements Sink {
    private static final int FULL_BYTES = 8 * 1024;

    private final HttpServerResponse response;

    /** Empty over QUIC, which ends silent connections itself. */
    private final Optional<Peer> peer;

    private final Encoding encoding;

    /**
     * @param onWritable called on the event loop when the stream takes more again
     */
    public ResponseSink(HttpServerRequest request, Encoding.Form form, Runnable onWritable) {
        SendBuffer.keepSmall(request);
        this.response = request.response();
        this.peer = Peer.ofTcp(request);
        this.encoding = Encoding.eventStream(form, false);
        response.setWriteQueueMaxSize(FULL_BYTES);
        response.drainHandler(unused -> onWritable.run());
    }

    @Override
    public Encoding encoding() {
        return encoding;
    }

    @Override
    public boolean isWritable() {
        return !response.writeQueueFull();
    }

    @Override
    public void write(ByteBuf bytes) {
        if (response.ended() || response.closed()) {
            bytes.release();
            return;
        }
        response.write(BufferInternal.buffer(bytes));
    }

    @Override
    public void flush() {
        // Vert.x flushes what was written when the turn of the loop ends.
    }

    @Override
    public void abortUnlessSent() {
        // What was ended is not closed before all of it has been sent; its queue cannot be asked.
        if (!response.closed()) {
            response.reset();
        }
    }

    @Override
    public boolean isLost(long silentMs) {
        return peer.isPresent() && peer.get().isLost(silentMs);
    }

    @Override
    public void cut() {
        peer.ifPresentOrElse(Peer::cut, response::reset);
    }
}
