package io.anabranch.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.json.JsonObject;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A TCP proxy between clients and a hub that does what networks do. It tells WebSockets, event
 * streams and REST requests apart by their heads, so that a fault can be had by one kind, or by one
 * client, alone. Bodies of chunked requests are taken to last as long as their connection.
 *
 * <p>Each call is in effect when it returns; it may come from any thread but the proxy's own. Other
 * processes call through {@link FaultControl}.
 */
public final class FaultProxy implements AutoCloseable {
    /** What a connection is used for. */
    public enum Kind {
        WEBSOCKET,
        SSE,
        REST
    }

    /**
     * Which connections.
     *
     * @param client the client's id; empty for all
     */
    public record Which(Set<Kind> kinds, String client) {
        public static final Which ALL = new Which(Set.of(Kind.values()), "");
        public static final Which WEBSOCKETS = new Which(Set.of(Kind.WEBSOCKET), "");
        public static final Which STREAMS = new Which(Set.of(Kind.SSE), "");
        public static final Which REST = new Which(Set.of(Kind.REST), "");

        /** Those of one client alone. */
        public Which of(String id) {
            return new Which(kinds, id);
        }

        /** As the control port takes it: {@code {"kind":"websocket","client":"a1"}}. */
        static Which of(JsonObject json) {
            String kind = json.getString("kind", "all");
            Set<Kind> kinds =
                    kind.equals("all") ? ALL.kinds : Set.of(Kind.valueOf(Fault.constant(kind)));
            return new Which(kinds, json.getString("client", ""));
        }

        boolean has(FaultLink link) {
            return kinds.contains(link.kind())
                    && (client.isEmpty() || client.equals(link.clientId()));
        }
    }

    private static final int BACKLOG = 8_192;

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final Random random;
    private final Channel server;
    private volatile InetSocketAddress hub;

    private final Set<FaultLink> links = new LinkedHashSet<>();
    private final Map<Which, Fault> faults = new LinkedHashMap<>();
    private List<Long> arrivals = new ArrayList<>();

    /**
     * Listens on a free port of this machine.
     *
     * @param hubPort where the hub is, on this machine
     * @param seed of where bytes are sliced
     */
    public FaultProxy(int hubPort, long seed) {
        hub = new InetSocketAddress("127.0.0.1", hubPort);
        random = new Random(seed);
        server =
                new ServerBootstrap()
                        .group(group)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childHandler(new Accept())
                        .bind("127.0.0.1", 0)
                        .syncUninterruptibly()
                        .channel();
    }

    private final class Accept extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel client) {
            Bootstrap toHub =
                    new Bootstrap()
                            .group(loop)
                            .channel(NioSocketChannel.class)
                            .option(ChannelOption.TCP_NODELAY, true)
                            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                            .option(ChannelOption.AUTO_READ, false)
                            .remoteAddress(hub);
            FaultLink.open(FaultProxy.this, client, toHub, random);
        }
    }

    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    public URI uri(String pathAndQuery) {
        return URI.create("http://127.0.0.1:" + port() + pathAndQuery);
    }

    /** New connections go to this hub. */
    public void target(int hubPort) {
        hub = new InetSocketAddress("127.0.0.1", hubPort);
    }

    /** Closes both sides. Returns how many connections there were. */
    public int cut(Which which) {
        return each(which, link -> link.close(false));
    }

    /** Resets both sides (RST): what is on its way is lost. */
    public int reset(Which which) {
        return each(which, link -> link.close(true));
    }

    /** Ends what the hub sends, and goes on taking what the client sends. */
    public int halfClose(Which which) {
        return each(which, FaultLink::halfClose);
    }

    /** Lets no byte through any more; the connections stay open, and new ones are not stalled. */
    public int stall(Which which) {
        return each(which, link -> link.stall(true));
    }

    public int resume(Which which) {
        return each(which, link -> link.stall(false));
    }

    private int each(Which which, Consumer<FaultLink> action) {
        return onLoop(
                () -> {
                    List<FaultLink> matching = links.stream().filter(which::has).toList();
                    matching.forEach(action);
                    return matching.size();
                });
    }

    /** Sets what is done to these connections, present and future; the latest that fits counts. */
    public void set(Which which, Fault fault) {
        onLoop(
                () -> {
                    faults.remove(which);
                    if (!fault.equals(Fault.NONE)) {
                        faults.put(which, fault);
                    }
                    links.forEach(FaultLink::holdBack);
                    return fault;
                });
    }

    /** Unsets all faults and resumes what is stalled. */
    public void clear() {
        onLoop(
                () -> {
                    faults.clear();
                    links.forEach(FaultLink::holdBack);
                    links.forEach(link -> link.stall(false));
                    return faults;
                });
    }

    /** How many of these connections are open. */
    public int count(Which which) {
        return each(which, link -> {});
    }

    /**
     * When WebSockets and event streams were asked for since the last call, in ms since 1970 UTC.
     */
    public List<Long> takeArrivals() {
        return onLoop(
                () -> {
                    List<Long> taken = arrivals;
                    arrivals = new ArrayList<>();
                    return taken;
                });
    }

    void arrived(FaultLink link) {
        if (link.kind() != Kind.REST) {
            arrivals.add(System.currentTimeMillis());
        }
    }

    Fault fault(FaultLink link) {
        Fault found = Fault.NONE;
        for (Map.Entry<Which, Fault> each : faults.entrySet()) {
            found = each.getKey().has(link) ? each.getValue() : found;
        }
        return found;
    }

    void add(FaultLink link) {
        links.add(link);
    }

    void remove(FaultLink link) {
        links.remove(link);
    }

    private <T> T onLoop(Callable<T> task) {
        return loop.submit(task).syncUninterruptibly().getNow();
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        cut(Which.ALL);
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
