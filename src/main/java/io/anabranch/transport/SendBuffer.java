package io.anabranch.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * What the kernel holds for a reader that has stopped. Small where a connection is a stream; other
 * connections keep what the kernel thinks best, since over loopback, whose segments are larger than
 * a small buffer, the end of each would be acknowledged 40 ms late.
 */
final class SendBuffer {
    /** The kernel doubles it; with what Netty holds back it bounds what a stopped reader costs. */
    private static final int BYTES = 24 * 1024;

    private SendBuffer() {}

    /** To be called when {@code request} becomes a stream. */
    static void keepSmall(HttpServerRequest request) {
        // The connections of QUIC have no socket of their own.
        if (request.connection() instanceof ConnectionBase connection) {
            Channel channel = connection.channel();
            try {
                channel.config().setOption(ChannelOption.SO_SNDBUF, BYTES);
            } catch (ChannelException e) {
                // A client that left meanwhile has no socket any more, and its close is on the way.
                if (channel.isOpen()) {
                    throw e;
                }
            }
        }
    }
}
