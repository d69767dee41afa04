package io.anabranch.transport;

import io.anabranch.stream.Encoding;
import io.anabranch.stream.Sink;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames that are ready for the wire straight to the socket of a WebSocket or of an HTTP/1.1
 * event stream. It reaches below Vert.x's public API, which flushes, and allocates, for every
 * write; and where Netty would do no more than to hand the bytes on, below Netty too: a connection
 * that waits for its next message has left the processor's caches, and what a write touches on its
 * way costs as much as the system call. What the socket does not take is left to Netty. All writes
 * of a connection go through here, until its owner closes it the public way.
 */
public final class DirectSink extends ChannelDuplexHandler implements Sink {
    /** Beyond the upper mark the sink is full; below the lower, when it is empty, it is not. */
    private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(1, 8 * 1024);

    /** What one read brings is worked off although it may fill the sink: so that is not much. */
    private static final RecvByteBufAllocator SMALL_READS =
            new AdaptiveRecvByteBufAllocator(512, 2_048, 8 * 1024);

    private final ChannelHandlerContext context;
    private final Channel channel;
    private final Peer peer;
    private final Encoding encoding;
    private final Runnable onWritability;

    /** Null where all has to go by Netty. */
    private final @Nullable Socket socket;

    /** The one buffer that waits for the flush, if Netty holds nothing before it. */
    private @Nullable ByteBuf waiting;

    /** Whether Netty may hold something. */
    private boolean queued = true;

    private DirectSink(
            ChannelHandlerContext context, Peer peer, Encoding encoding, Runnable onWritability) {
        this.context = context;
        this.peer = peer;
        this.channel = context.channel();
        this.encoding = encoding;
        this.onWritability = onWritability;
        this.socket = plainSocket(context);
        channel.config().setWriteBufferWaterMark(MARKS);
        channel.pipeline().addFirst(this);
    }

    /**
     * For a request that has become a WebSocket.
     *
     * @param onWritability called on the event loop after {@link #isWritable()} has changed
     */
    public static DirectSink ofWebSocket(HttpServerRequest request, Runnable onWritability) {
        SendBuffer.keepSmall(request);
        ChannelPipeline pipeline = channel(request).pipeline();
        pipeline.channel().config().setRecvByteBufAllocator(SMALL_READS);
        Encoding encoding =
                pipeline.get(MessageInflater.class) == null
                        ? Encoding.WEBSOCKET
                        : Encoding.WEBSOCKET_DEFLATED;
        // Below HTTP's encoder, which stays until the handshake's answer is out, and takes no
        // frames.
        ChannelHandlerContext encoder = pipeline.context("wsencoder");
        return new DirectSink(encoder, Peer.of(request), encoding, onWritability);
    }

    /**
     * For a request over HTTP/1.1 whose response is chunked and has its head out.
     *
     * @param onWritability called on the event loop after {@link #isWritable()} has changed
     */
    public static DirectSink ofEventStream(
            HttpServerRequest request, Encoding.Form form, Runnable onWritability) {
        SendBuffer.keepSmall(request);
        ChannelHandlerContext encoder = channel(request).pipeline().context("httpEncoder");
        return new DirectSink(
                encoder, Peer.of(request), Encoding.eventStream(form, true), onWritability);
    }

    private static Channel channel(HttpServerRequest request) {
        return ((ConnectionBase) request.connection()).channel();
    }

    @Override
    public Encoding encoding() {
        return encoding;
    }

    /** That of a channel whose bytes nothing changes, counts or holds on their way. */
    private static @Nullable Socket plainSocket(ChannelHandlerContext encoder) {
        if (!(encoder.channel() instanceof EpollSocketChannel epoll)) {
            return null;
        }
        for (Map.Entry<String, ChannelHandler> each : encoder.pipeline()) {
            if (each.getValue() == encoder.handler()) {
                return (Socket) epoll.fd();
            }
            if (each.getValue() instanceof ChannelOutboundHandler) {
                return null;
            }
        }
        throw new IllegalStateException("a connection without " + encoder.name());
    }

    @Override
    public boolean isWritable() {
        if (waiting != null) {
            return waiting.readableBytes() < MARKS.high();
        }
        return queued || socket == null ? channel.isWritable() : socket.isOpen();
    }

    @Override
    public void write(ByteBuf bytes) {
        if (waiting == null && mayPass(bytes)) {
            waiting = bytes;
        } else {
            context.write(bytes, context.voidPromise());
        }
    }

    private boolean mayPass(ByteBuf bytes) {
        if (queued) {
            ChannelOutboundBuffer held = channel.unsafe().outboundBuffer();
            queued = held == null || held.totalPendingWriteBytes() > 0;
        }
        return !queued && socket != null && bytes.hasMemoryAddress();
    }

    @Override
    public void flush() {
        ByteBuf bytes = waiting;
        waiting = null;
        if (bytes == null) {
            context.flush();
        } else if (isSent(bytes)) {
            bytes.release();
        } else {
            context.writeAndFlush(bytes, context.voidPromise());
        }
    }

    /** Whether the socket has taken all; what it has taken is skipped. */
    private boolean isSent(ByteBuf bytes) {
        if (socket == null || !socket.isOpen()) {
            return false;
        }
        try {
            int sent =
                    socket.sendAddress(
                            bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex());
            bytes.skipBytes(sent);
        } catch (IOException e) {
            // Netty finds the same, and closes the channel.
            return false;
        }
        return !bytes.isReadable();
    }

    /** Sees what others write, too, which comes after what waits here. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (waiting != null) {
            ctx.write(waiting, ctx.voidPromise());
            waiting = null;
        }
        queued = true;
        ctx.write(message, promise);
    }

    @Override
    public void abortUnlessSent() {
        ChannelOutboundBuffer held = channel.unsafe().outboundBuffer();
        if (held != null && held.totalPendingWriteBytes() > 0) {
            WriteInProgress.end(channel);
            // From the first handler, since those behind it would wait until all is sent.
            channel.pipeline().context(this).close();
        }
    }

    @Override
    public boolean isLost(long silentMs) {
        return peer.isLost(silentMs);
    }

    @Override
    public void cut() {
        peer.cut();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        // Later, since it changes within writes and flushes, which must not be entered again.
        ctx.executor().execute(onWritability);
        ctx.fireChannelWritabilityChanged();
    }
}
