package io.anabranch.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What the kernel knows of the other end of a connection: Linux's {@code TCP_INFO}, tcp(7), by
 * either of the native transports. For the connection's event loop alone.
 *
 * <p>{@code TCP_USER_TIMEOUT} would not do: it also ends the connection of a client that has
 * stopped reading, whose kernel answers each probe that its window is still closed.
 */
final class Peer {
    /** IPPROTO_TCP and TCP_INFO, and as much of {@code struct tcp_info} as is read here. */
    private static final RawUnixChannelOption TCP_INFO =
            new RawUnixChannelOption("TCP_INFO", 6, 11, 60);

    private static final boolean IS_LINUX = System.getProperty("os.name", "").equals("Linux");

    private static final int RETRANSMITS = 2;
    private static final int PROBES = 3;
    private static final int UNACKED = 24;
    private static final int LAST_ACK_RECEIVED = 56;

    /** As often must the kernel have repeated itself in vain: one packet may get lost. */
    private static final int REPETITIONS = 2;

    private final Channel channel;

    private Peer(Channel channel) {
        this.channel = channel;
    }

    static Peer of(HttpServerRequest request) {
        return ofTcp(request).orElseThrow();
    }

    /** Empty for a request over QUIC, whose connections share a socket. */
    static Optional<Peer> ofTcp(HttpServerRequest request) {
        return request.connection() instanceof ConnectionBase connection
                ? Optional.of(new Peer(connection.channel()))
                : Optional.empty();
    }

    /**
     * Whether its kernel has acknowledged nothing for so long, although what was sent, or the
     * question whether there is room for more, was repeated. Whoever stopped reading is not lost:
     * the kernel answers for it. False where nobody can tell, as by the JDK's transport.
     */
    boolean isLost(long silentMs) {
        if (!IS_LINUX || !channel.isActive()) {
            return false;
        }
        ByteBuffer info;
        try {
            info = channel.config().getOption(TCP_INFO);
        } catch (ChannelException e) {
            return false;
        }
        if (info == null) {
            return false;
        }
        info.order(ByteOrder.nativeOrder());
        boolean repeated =
                info.get(PROBES) >= REPETITIONS
                        || (info.getInt(UNACKED) != 0 && info.get(RETRANSMITS) >= REPETITIONS);
        return repeated && Integer.toUnsignedLong(info.getInt(LAST_ACK_RECEIVED)) >= silentMs;
    }

    /** Ends the connection now, with all that waits to be sent, in the kernel too. */
    void cut() {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        WriteInProgress.end(channel);
        channel.unsafe().close(channel.voidPromise());
    }
}
