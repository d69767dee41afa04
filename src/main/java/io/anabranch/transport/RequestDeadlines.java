package io.anabranch.transport;

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
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Closes an HTTP/1 connection whose client takes too long over a request, however steadily it
 * drips: over its head, its body, or until there is another. NDJSON may stream in for as long as it
 * likes. While the hub answers no time runs, so an event stream ends by none of this, nor does a
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
    private static final String VERTX = "handler";

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

    /**
     * Takes over from Vert.x's idle timeout, which holds until there is a connection in its sense:
     * in plain text, the first head. Of HTTP/2 that one only ends.
     *
     * @param onLate called on the event loop, before the connection is closed
     */
    public static void watch(HttpConnection connection, Times times, Consumer<Late> onLate) {
        if (!(connection instanceof ConnectionBase base)) {
            return;
        }
        ChannelPipeline pipeline = base.channel().pipeline();
        if (pipeline.get(IdleStateHandler.class) != null) {
            pipeline.remove(IdleStateHandler.class);
        }
        // An upgrade to HTTP/2 has the decoder still, and the encoder no more.
        if (pipeline.get("httpEncoder") != null) {
            pipeline.addBefore(VERTX, null, new RequestDeadlines(times, onLate));
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
                && !STREAMING.contentEquals(
                        String.valueOf(HttpUtil.getMimeType(request)).toLowerCase(Locale.ROOT));
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(message, promise);
        if (message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                context.pipeline().remove(this);
            }
        } else if (message instanceof LastHttpContent && --requests == 0) {
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
