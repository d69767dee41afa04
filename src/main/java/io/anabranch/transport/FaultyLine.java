package io.anabranch.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.PendingWriteQueue;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * A connection that can be cut, or stalled as by a network that has stopped: for trying out what
 * clients do, in development alone. While it is stalled nothing more is read, and what is sent is
 * kept; the hub sees a reader that has stopped. Safe for use by any thread.
 */
public final class FaultyLine extends ChannelDuplexHandler {
    /** The bit by which the channel is made to look full; Netty leaves 1 to 31 to its users. */
    private static final int STALLED = 1;

    private final Channel channel;
    private final PendingWriteQueue kept;
    private boolean stalled;

    private FaultyLine(Channel channel) {
        this.channel = channel;
        channel.pipeline().addFirst(this);
        this.kept = new PendingWriteQueue(channel.pipeline().context(this));
    }

    /**
     * To be called on the connection's event loop, once a connection.
     *
     * @param onClosed called when the connection has ended
     */
    public static FaultyLine of(HttpServerRequest request, Runnable onClosed) {
        FaultyLine line = new FaultyLine(((ConnectionBase) request.connection()).channel());
        line.channel.closeFuture().addListener(unused -> onClosed.run());
        return line;
    }

    /** Ends the connection as it is, without a word. */
    public void cut() {
        run(() -> channel.unsafe().close(channel.voidPromise()));
    }

    public void stall() {
        run(() -> setStalled(true));
    }

    /** Lets what was kept go, in order, and reads on. */
    public void goOn() {
        run(() -> setStalled(false));
    }

    private void run(Runnable task) {
        if (channel.eventLoop().inEventLoop()) {
            task.run();
        } else {
            channel.eventLoop().execute(task);
        }
    }

    private void setStalled(boolean now) {
        if (stalled == now || !channel.isActive()) {
            return;
        }
        stalled = now;
        if (!now) {
            kept.removeAndWriteAll();
            channel.flush();
            channel.read();
        }
        channel.unsafe().outboundBuffer().setUserDefinedWritability(STALLED, !now);
    }

    @Override
    public void read(ChannelHandlerContext context) {
        if (!stalled) {
            context.read();
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (stalled) {
            kept.add(message, promise);
        } else {
            context.write(message, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        if (!stalled) {
            context.flush();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        kept.removeAndFailAll(new java.nio.channels.ClosedChannelException());
        context.fireChannelInactive();
    }
}
