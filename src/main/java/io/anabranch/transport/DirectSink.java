package io.anabranch.transport;

import io.anabranch.stream.Encoding;
import io.anabranch.stream.Sink;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Writes frames that are ready for the wire straight to the Netty channel of a WebSocket or of an
 * HTTP/1.1 event stream. It reaches below Vert.x's public API, which flushes, and allocates, for
 * every write. All writes of a connection go through here, until its owner closes it the public
 * way.
 */
public final class DirectSink extends ChannelInboundHandlerAdapter implements Sink {
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

    private DirectSink(
            ChannelHandlerContext context, Peer peer, Encoding encoding, Runnable onWritability) {
        this.context = context;
        this.peer = peer;
        this.channel = context.channel();
        this.encoding = encoding;
        this.onWritability = onWritability;
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

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void write(ByteBuf bytes) {
        context.write(bytes, context.voidPromise());
    }

    @Override
    public void flush() {
        context.flush();
    }

    @Override
    public void abortUnlessSent() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        if (waiting != null && waiting.totalPendingWriteBytes() > 0) {
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
