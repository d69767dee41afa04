package io.anabranch.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ServerChannel;
import java.util.function.Supplier;

/**
 * Handlers of the socket that listens, which Vert.x does not show: its first connection leads to
 * it.
 */
final class ServerHandlers {
    private ServerHandlers() {}

    /** Adds a handler, once, to the server that {@code connection} came by. */
    static <T extends ChannelHandler> void install(
            Channel connection, Class<T> type, Supplier<T> handler) {
        if (connection.parent() instanceof ServerChannel server
                && server.pipeline().get(type) == null) {
            server.eventLoop().execute(() -> add(server, type, handler));
        }
    }

    /** Whether a connection has an event loop. It is closed without one by a server that ends. */
    static boolean isTaken(Channel connection) {
        return connection.isOpen();
    }

    private static <T extends ChannelHandler> void add(
            Channel server, Class<T> type, Supplier<T> handler) {
        if (server.isOpen() && server.pipeline().get(type) == null) {
            server.pipeline().addFirst(handler.get());
        }
    }
}
