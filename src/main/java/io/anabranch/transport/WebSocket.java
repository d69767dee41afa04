package io.anabranch.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.impl.ShutdownEvent;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket in the place of Vert.x's own, which would keep for its life a queue of 4.7 KB for
 * writes from other threads, and the request with all that belongs to it: more than half of what an
 * idle connection takes. For its event loop alone.
 */
public final class WebSocket extends ChannelInboundHandlerAdapter {
    /** How long the other end has to answer a close frame, in ms. */
    private static final long CLOSING_MS = 10_000;

    private final ContextInternal context;
    private final Channel channel;
    private @Nullable WebSocketMessages messages;

    /** What came while nothing was to be read; null for nothing. */
    private @Nullable Queue<WebSocketFrame> later;

    private @Nullable Future<?> deadline;
    private boolean paused;
    private boolean reading;
    private boolean delivering;
    private boolean closing;
    private boolean unflushed;

    /** Gets what was read, on the context of the event loop. */
    public interface Receiver {
        /** A whole text message, which is UTF-8. */
        void onText(byte[] utf8);

        /** A whole binary message. */
        void onBinary(byte[] bytes);

        /** All that came with one read has been handed over: answers may go out. */
        void onReadComplete();

        /** The answer to a ping, or a pong that nobody asked for. */
        void onPong();

        /**
         * The protocol was broken, and the socket closes now: nothing may be sent any more.
         *
         * @param tooLarge whether by the size of a message
         */
        void onBroken(boolean tooLarge);

        /** The connection has ended. */
        void onClosed();
    }

    /**
     * Is paused at first.
     *
     * @param context of the event loop, on which the receiver is called
     */
    WebSocket(ContextInternal context, Channel channel) {
        this.context = context;
        this.channel = channel;
        pause();
    }

    /**
     * Has messages read by {@code receiver}, once {@link #resume()} is called.
     *
     * @param maxBytes how large a message may be, in bytes
     */
    public void read(int maxBytes, Receiver receiver) {
        messages = new WebSocketMessages(this, maxBytes, receiver);
    }

    /** Reads no more messages; pings are answered still. */
    public void pause() {
        paused = true;
        channel.config().setAutoRead(false);
    }

    public void resume() {
        paused = false;
        if (!delivering) {
            context.dispatch(this::deliverLater);
        }
        if (!paused) {
            channel.config().setAutoRead(true);
        }
    }

    public void ping() {
        if (!closing) {
            channel.writeAndFlush(new PingWebSocketFrame());
        }
    }

    /** Sends a text message; for those that go no other way, as {@link DirectSink}. */
    public void send(String text) {
        channel.writeAndFlush(new TextWebSocketFrame(text));
    }

    /** Says so, and closes when the other end has said it too, or after ten seconds. */
    public void close(short code, String reason) {
        if (!closing) {
            closing = true;
            channel.writeAndFlush(new CloseWebSocketFrame(code, reason));
            // What comes now is left out, up to the answer.
            channel.config().setAutoRead(true);
            closeLater();
        }
    }

    private void closeLater() {
        deadline = channel.eventLoop().schedule(this::cut, CLOSING_MS, TimeUnit.MILLISECONDS);
    }

    private void cut() {
        channel.close();
    }

    /** Whether {@link Receiver#onReadComplete()} follows. */
    public boolean isReading() {
        return reading;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        if (message instanceof CloseWebSocketFrame close) {
            onClose(close);
        } else if (message instanceof PingWebSocketFrame ping) {
            onPing(ping);
        } else if (message instanceof PongWebSocketFrame pong) {
            pong.release();
            if (messages != null) {
                context.dispatch(messages.receiver()::onPong);
            }
        } else if (message instanceof WebSocketFrame frame && !closing) {
            onData(frame);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void onClose(CloseWebSocketFrame close) {
        if (closing) {
            close.release();
            cut();
            return;
        }
        closing = true;
        CloseWebSocketFrame answer = close;
        if (!close.content().isReadable()) {
            close.release();
            answer = new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE);
        }
        channel.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
        closeLater();
    }

    /**
     * While the socket is full pings go unanswered, so that answers do not pile up for a client
     * that does not read them: one to the latest ping is enough (RFC 6455 §5.5.3).
     */
    private void onPing(PingWebSocketFrame ping) {
        if (closing || !channel.isWritable()) {
            ping.release();
        } else {
            channel.write(new PongWebSocketFrame(ping.content()));
            unflushed = true;
        }
    }

    private void onData(WebSocketFrame frame) {
        if (later == null && mayDeliver()) {
            context.dispatch(frame, this::deliver);
        } else {
            if (later == null) {
                later = new ArrayDeque<>();
            }
            later.add(frame);
        }
    }

    private boolean mayDeliver() {
        return messages != null && !paused && !delivering;
    }

    private void deliverLater() {
        while (later != null && mayDeliver()) {
            WebSocketFrame frame = later.poll();
            if (frame == null) {
                later = null;
            } else {
                deliver(frame);
            }
        }
    }

    private void deliver(WebSocketFrame frame) {
        delivering = true;
        try {
            if (messages != null && !closing) {
                messages.onFrame(frame);
            }
        } finally {
            delivering = false;
            frame.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (messages != null) {
            messages.receiver().onReadComplete();
        }
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
    }

    /** What the decoder found, Netty's, which does not close by itself. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        if (!closing && failure instanceof CorruptedWebSocketFrameException corrupted) {
            closing = true;
            WebSocketCloseStatus status = corrupted.closeStatus();
            if (messages != null) {
                boolean tooLarge = status.equals(WebSocketCloseStatus.MESSAGE_TOO_BIG);
                context.dispatch(tooLarge, messages.receiver()::onBroken);
            }
            String reason = String.valueOf(corrupted.getMessage());
            channel.writeAndFlush(new CloseWebSocketFrame(status, reason))
                    .addListener(ChannelFutureListener.CLOSE);
        } else {
            cut();
        }
    }

    /** The server ends its connections; those of sessions have been told by then. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ShutdownEvent) {
            close((short) WebSocketCloseStatus.NORMAL_CLOSURE.code(), "");
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (later != null) {
            later.forEach(ReferenceCountUtil::release);
            later = null;
        }
        if (messages != null) {
            context.dispatch(messages.receiver()::onClosed);
        }
    }
}
