package io.anabranch.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Accepts connections no faster than their event loops come round to them. When thousands come at
 * once, the others wait in the kernel's backlog, where they cost no heap; accepted, they would fill
 * it with clients that have given up before they are read.
 */
public final class AcceptThrottle extends ChannelInboundHandlerAdapter {
    /** Connections that their loops have not come round to. */
    private static final int MOST = 256;

    private static final int RESUME = MOST / 2;

    /**
     * A loop that keeps up has read a new connection's request by then; one that does not is late.
     */
    private static final int ROUND_MS = 20;

    private final AtomicInteger ahead = new AtomicInteger();

    private AcceptThrottle() {}

    /** Watches, from now on, the TCP server that {@code connection} came by. */
    public static void watch(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            ServerHandlers.install(base.channel(), AcceptThrottle.class, AcceptThrottle::new);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        context.fireChannelRead(message);
        Channel server = context.channel();
        Channel connection = (Channel) message;
        if (!ServerHandlers.isTaken(connection)) {
            return;
        }
        connection.eventLoop().schedule(() -> cameRound(server), ROUND_MS, TimeUnit.MILLISECONDS);
        if (ahead.incrementAndGet() >= MOST) {
            server.config().setAutoRead(false);
        }
    }

    private void cameRound(Channel server) {
        if (ahead.decrementAndGet() == RESUME && server.isOpen()) {
            server.eventLoop().execute(() -> server.config().setAutoRead(true));
        }
    }
}
