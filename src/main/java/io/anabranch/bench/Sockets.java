package io.anabranch.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** Opens the readers' sockets, with TLS where the hub has it. */
final class Sockets implements AutoCloseable {
    /** How long a connection may take until the hub says that it is ready, in ms. */
    static final int CONNECT_TIMEOUT_MS = 10_000;

    private static final AdaptiveRecvByteBufAllocator READ_SIZES =
            new AdaptiveRecvByteBufAllocator(512, 4 * 1024, 256 * 1024);

    private final Target target;
    private final EventLoopGroup loops;
    private final Optional<SslContext> tls;

    /**
     * @throws SSLException when this machine has no TLS
     */
    Sockets(Target target, int threads) throws SSLException {
        this.target = target;
        this.tls =
                target.tls()
                        ? Optional.of(SslContextBuilder.forClient().build())
                        : Optional.empty();
        IoHandlerFactory io =
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.loops =
                new MultiThreadIoEventLoopGroup(
                        threads, new DefaultThreadFactory("bench-reader", true), io);
    }

    /** The loops take turns. */
    EventLoop nextLoop() {
        return loops.next();
    }

    /** Opens a socket for a reader, which tells of the rest. */
    void connect(EventLoop loop, Reader reader) {
        new Bootstrap()
                .group(loop)
                .channel(kind())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .option(ChannelOption.RECVBUF_ALLOCATOR, READ_SIZES)
                .handler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                addHandlers(channel, reader);
                            }
                        })
                .connect(target.host(), target.port())
                .addListener(
                        connected -> {
                            if (!connected.isSuccess()) {
                                reader.fail(connected.cause());
                            }
                        });
        loop.schedule(reader::expectReady, CONNECT_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    private static Class<? extends SocketChannel> kind() {
        return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    private void addHandlers(Channel channel, Reader reader) {
        tls.ifPresent(
                context ->
                        channel.pipeline()
                                .addLast(
                                        context.newHandler(
                                                channel.alloc(), target.host(), target.port())));
        channel.pipeline().addLast(reader);
    }

    /** Closes all sockets, at once. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
