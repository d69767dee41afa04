package io.anabranch.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.anabranch.testing.FaultProxy.Kind;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.util.Random;

/** One client's connection and the one to the hub that belongs to it. For its event loop alone. */
final class FaultLink extends ChannelInboundHandlerAdapter {
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(ISO_8859_1);

    private final FaultProxy proxy;
    private final Channel client;
    private final Channel hub;
    private final FaultPipe up;
    private final FaultPipe down;
    private RequestHead head = new RequestHead(Kind.REST, "", 0);
    private ByteBuf partOfHead = Unpooled.EMPTY_BUFFER;
    private long bodyLeft;
    private int headEndSeen;
    private boolean blackHole;

    private FaultLink(FaultProxy proxy, Channel client, Channel hub, Random random) {
        this.proxy = proxy;
        this.client = client;
        this.hub = hub;
        up = new FaultPipe(client.eventLoop(), client, hub, random, this::fault);
        down = new FaultPipe(client.eventLoop(), hub, client, random, this::fault);
    }

    /** Connects {@code client}, of which nothing has been read yet, with the hub. */
    static void open(FaultProxy proxy, Channel client, Bootstrap toHub, Random random) {
        var connecting = toHub.handler(new ChannelInboundHandlerAdapter()).connect();
        FaultLink link = new FaultLink(proxy, client, connecting.channel(), random);
        client.pipeline().addLast(link);
        connecting.addListener(
                done -> {
                    if (done.isSuccess() && client.isActive()) {
                        link.hub.pipeline().addLast(link.new FromHub());
                        proxy.add(link);
                        link.pump();
                    } else {
                        link.close(true);
                    }
                });
    }

    Kind kind() {
        return head.kind();
    }

    String clientId() {
        return head.client();
    }

    private Fault fault() {
        return proxy.fault(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        while (bytes.isReadable()) {
            if (bodyLeft > 0) {
                int part = (int) Math.min(bodyLeft, bytes.readableBytes());
                bodyLeft -= bodyLeft == RequestHead.OPEN ? 0 : part;
                takeUp(bytes.readRetainedSlice(part));
            } else {
                readHead(bytes);
            }
        }
        bytes.release();
    }

    private void takeUp(ByteBuf bytes) {
        if (blackHole) {
            bytes.release();
        } else {
            up.take(bytes);
        }
    }

    private void readHead(ByteBuf bytes) {
        ByteBuf all = Unpooled.copiedBuffer(partOfHead, bytes);
        int old = partOfHead.readableBytes();
        int end = endOfHead(all);
        bytes.skipBytes(end < 0 ? bytes.readableBytes() : end - old);
        partOfHead = end < 0 ? all : Unpooled.EMPTY_BUFFER;
        if (end >= 0) {
            admit(all.toString(0, end, ISO_8859_1));
        }
    }

    private static int endOfHead(ByteBuf bytes) {
        int at = ByteBufUtil.indexOf(Unpooled.wrappedBuffer(HEAD_END), bytes);
        return at < 0 ? -1 : at + HEAD_END.length;
    }

    private void admit(String text) {
        head = RequestHead.parse(text);
        bodyLeft = head.bodyBytes();
        headEndSeen = 0;
        proxy.arrived(this);
        Fault fault = fault();
        switch (fault.door()) {
            case PASS -> up.take(Unpooled.copiedBuffer(text, ISO_8859_1));
            case STRIP ->
                    up.take(Unpooled.copiedBuffer(RequestHead.withoutUpgrade(text), ISO_8859_1));
            case BLACK_HOLE -> blackHole = true;
            case REFUSE -> refuse(fault.status());
        }
    }

    private void refuse(int status) {
        blackHole = true;
        String answer =
                "HTTP/1.1 %d Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        .formatted(status);
        client.writeAndFlush(Unpooled.copiedBuffer(answer, ISO_8859_1))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private void takeDown(ByteBuf bytes) {
        if (head.kind() == Kind.SSE && headEndSeen < HEAD_END.length) {
            int end = endOfAnswersHead(bytes);
            down.take(bytes.readRetainedSlice(end));
            holdBack();
        }
        if (bytes.isReadable()) {
            down.take(bytes);
        } else {
            bytes.release();
        }
    }

    /** How many of {@code bytes} belong to the answer's head; it may come in pieces. */
    private int endOfAnswersHead(ByteBuf bytes) {
        int at = bytes.readerIndex();
        while (at < bytes.writerIndex() && headEndSeen < HEAD_END.length) {
            byte next = bytes.getByte(at++);
            headEndSeen = next == HEAD_END[headEndSeen] ? headEndSeen + 1 : next == '\r' ? 1 : 0;
        }
        return at - bytes.readerIndex();
    }

    /** Holds the body back, or lets it go, as the fault that is set now says. */
    void holdBack() {
        boolean inBody = head.kind() == Kind.SSE && headEndSeen == HEAD_END.length;
        down.hold(inBody && fault().buffered());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            up.end();
            closeWhenBothEnded();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        down.pump();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        close(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close(true);
    }

    private void closeWhenBothEnded() {
        boolean clientEnded = ((DuplexChannel) client).isInputShutdown();
        boolean hubEnded = ((DuplexChannel) hub).isInputShutdown();
        if (clientEnded && (hubEnded || blackHole)) {
            close(false);
        }
    }

    private void pump() {
        up.pump();
        down.pump();
    }

    void stall(boolean stop) {
        up.stall(stop);
        down.stall(stop);
    }

    /** The client is told that nothing more comes; what it sends goes on. */
    void halfClose() {
        ((DuplexChannel) client).shutdownOutput();
    }

    /**
     * @param reset by RST, so that neither side gets what is on its way; else by FIN
     */
    void close(boolean reset) {
        proxy.remove(this);
        for (Channel channel : new Channel[] {client, hub}) {
            if (reset && channel.isActive()) {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            }
            channel.close();
        }
        up.discard();
        down.discard();
    }

    /** What the hub sends. */
    private final class FromHub extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            takeDown((ByteBuf) message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                down.end();
                closeWhenBothEnded();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            up.pump();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            FaultLink.this.close(false);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            FaultLink.this.close(true);
        }
    }
}
