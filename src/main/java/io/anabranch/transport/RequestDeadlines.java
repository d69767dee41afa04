package io.anabranch.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection whose client takes too long over a request, however steadily it drips: over
 * its head, its body, or until there is another. NDJSON may stream in for as long as it likes.
 * While the hub answers no time runs, so an event stream ends by none of this, nor does a
 * WebSocket, for which this is gone.
 */
public final class RequestDeadlines extends ChannelDuplexHandler {
    /** What took too long. */
    public enum Late {
        HEAD,
        BODY,
        NEXT_REQUEST
    }

    /**
     * How long each may take, in ms.
     *
     * @param head from the connection on
     * @param body from the end of the head on
     * @param next from the end of an answer to the end of the next request's head
     */
    public record Times(long head, long body, long next) {}

    /** Vert.x's own handler, which reads what the decoders before it make. */
    static final String VERTX = "handler";

    private static final String STREAMING = "application/x-ndjson";

    private final Times times;
    private final Consumer<Late> onLate;
    private @Nullable Future<?> deadline;

    /** Requests of which the head is there, and the answer has not ended. */
    private int requests;

    private RequestDeadlines(Times times, Consumer<Late> onLate) {
        this.times = times;
        this.onLate = onLate;
    }

    /** Hears of who took too long, on the connection's event loop, before it is closed or reset. */
    public interface OnLate {
        void late(Late what, String address);
    }

    /**
     * Watches a connection, and from now on those that its server accepts, which have {@code
     * times.head()} to become one in Vert.x's sense: in plain text, to have sent the first head.
     * Takes over from Vert.x's idle timeout. Not over QUIC.
     */
    public static void watch(HttpConnection connection, Times times, OnLate onLate) {
        if (connection instanceof ConnectionBase base) {
            Channel channel = base.channel();
            ServerHandlers.install(
                    channel,
                    FirstRequests.class,
                    () -> new FirstRequests(times.head(), late -> tell(late, Late.HEAD, onLate)));
            FirstRequests.arrived(channel);
            watch(channel, times, what -> tell(channel, what, onLate));
        }
    }

    private static void tell(Channel channel, Late what, OnLate onLate) {
        if (channel.remoteAddress() instanceof InetSocketAddress address) {
            onLate.late(what, address.getAddress().getHostAddress());
        }
    }

    static void watch(Channel channel, Times times, Consumer<Late> onLate) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(IdleStateHandler.class) != null) {
            pipeline.remove(IdleStateHandler.class);
        }
        Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
        if (http2 == null) {
            pipeline.addBefore(VERTX, null, new RequestDeadlines(times, onLate));
        } else {
            Http2Deadlines.watch(channel, http2, times, onLate);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        expect(context, Late.HEAD, times.head());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        cancel();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        cancel();
        context.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            requests++;
            cancel();
            if (hasBoundedBody(request)) {
                expect(context, Late.BODY, times.body());
            }
        }
        if (message instanceof LastHttpContent && requests > 0) {
            cancel();
        }
        context.fireChannelRead(message);
    }

    private static boolean hasBoundedBody(HttpRequest request) {
        return (HttpUtil.isTransferEncodingChunked(request)
                        || request.headers().contains(HttpHeaderNames.CONTENT_LENGTH))
                && !isStreaming(request.headers().get(HttpHeaderNames.CONTENT_TYPE));
    }

    /** Whether a body of that type may come for as long as it likes. */
    static boolean isStreaming(@Nullable CharSequence contentType) {
        CharSequence type = contentType == null ? null : HttpUtil.getMimeType(contentType);
        return type != null && STREAMING.contentEquals(type.toString().toLowerCase(Locale.ROOT));
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(message, promise);
        if (message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                context.pipeline().remove(this);
            }
        } else if (message instanceof LastHttpContent) {
            answered(context);
        }
    }

    /** How many requests are not answered yet, of those whose heads have come. */
    int requests() {
        return requests;
    }

    /** A request is answered, by Vert.x or by {@link DirectRequests}. */
    void answered(ChannelHandlerContext context) {
        if (--requests == 0) {
            expect(context, Late.NEXT_REQUEST, times.next());
        }
    }

    private void expect(ChannelHandlerContext context, Late what, long withinMs) {
        cancel();
        deadline =
                context.executor()
                        .schedule(
                                () -> {
                                    onLate.accept(what);
                                    context.close();
                                },
                                withinMs,
                                TimeUnit.MILLISECONDS);
    }

    private void cancel() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }
}
