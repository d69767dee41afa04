package io.anabranch.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Closes connections that have not got so far as a first request, or an agreement on HTTP/2, when
 * its time is up, however they drip: there is no connection yet in Vert.x's sense, but in TLS.
 */
final class FirstRequests extends ChannelInboundHandlerAdapter {
    private static final Future<?> ARRIVED = CompletableFuture.completedFuture(null);

    private static final AttributeKey<Future<?>> DEADLINE =
            AttributeKey.valueOf(FirstRequests.class, "deadline");

    private final long withinMs;
    private final Consumer<Channel> onLate;

    /**
     * @param onLate called on the connection's event loop, before it is closed
     */
    FirstRequests(long withinMs, Consumer<Channel> onLate) {
        this.withinMs = withinMs;
        this.onLate = onLate;
    }

    /** The connection has got so far. To be called on its event loop. */
    static void arrived(Channel channel) {
        Future<?> deadline = channel.attr(DEADLINE).getAndSet(ARRIVED);
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel connection = (Channel) message;
        context.fireChannelRead(message);
        if (ServerHandlers.isTaken(connection)) {
            connection.eventLoop().execute(() -> expect(connection));
        }
    }

    /** On its loop, which may have read its first request by now. */
    private void expect(Channel connection) {
        if (connection.attr(DEADLINE).get() != null) {
            return;
        }
        Future<?> deadline =
                connection
                        .eventLoop()
                        .schedule(() -> close(connection), withinMs, TimeUnit.MILLISECONDS);
        connection.attr(DEADLINE).set(deadline);
        // A timer would hold what is left of a connection that has ended.
        connection.closeFuture().addListener(closed -> arrived(connection));
    }

    private void close(Channel connection) {
        onLate.accept(connection);
        connection.close();
    }
}
