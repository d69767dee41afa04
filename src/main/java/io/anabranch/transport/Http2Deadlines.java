package io.anabranch.transport;

import io.anabranch.transport.RequestDeadlines.Late;
import io.anabranch.transport.RequestDeadlines.Times;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What {@link RequestDeadlines} is for HTTP/1, for HTTP/2. A stream whose body is late is reset,
 * and its neighbours go on. Headers that never end (RFC 9113 §6.10) hold up their connection alone,
 * and end it where it has no stream: who has one was let in.
 */
final class Http2Deadlines extends Http2FrameListenerDecorator {
    private final Channel channel;
    private final Http2ConnectionHandler handler;
    private final Times times;
    private final Consumer<Late> onLate;
    private final Map<Integer, Future<?>> bodies = new HashMap<>();

    /** Runs while there is no stream. */
    private @Nullable Future<?> request;

    private Http2Deadlines(
            Channel channel, Http2ConnectionHandler handler, Times times, Consumer<Late> onLate) {
        super(handler.decoder().frameListener());
        this.channel = channel;
        this.handler = handler;
        this.times = times;
        this.onLate = onLate;
    }

    /** To be called on the event loop, when the client's first settings have been read. */
    static void watch(
            Channel channel, Http2ConnectionHandler handler, Times times, Consumer<Late> onLate) {
        var deadlines = new Http2Deadlines(channel, handler, times, onLate);
        handler.decoder().frameListener(deadlines);
        handler.connection().addListener(deadlines.new Streams());
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get("httpDecoder") != null) {
            // An upgrade from HTTP/1, by whose decoder the first request's body comes.
            String name = pipeline.context(handler).name();
            pipeline.addBefore(name, null, deadlines.new UpgradeRequest());
        } else {
            deadlines.expectRequest(Late.HEAD, times.head());
        }
        channel.closeFuture().addListener(closed -> deadlines.cancelAll());
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int streamId,
            Http2Headers headers,
            int padding,
            boolean endOfStream)
            throws Http2Exception {
        onHead(streamId, headers, endOfStream);
        super.onHeadersRead(context, streamId, headers, padding, endOfStream);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endOfStream)
            throws Http2Exception {
        onHead(streamId, headers, endOfStream);
        super.onHeadersRead(
                context,
                streamId,
                headers,
                streamDependency,
                weight,
                exclusive,
                padding,
                endOfStream);
    }

    @Override
    public int onDataRead(
            ChannelHandlerContext context,
            int streamId,
            ByteBuf data,
            int padding,
            boolean endOfStream)
            throws Http2Exception {
        if (endOfStream) {
            cancelBody(streamId);
        }
        return super.onDataRead(context, streamId, data, padding, endOfStream);
    }

    private void onHead(int streamId, Http2Headers headers, boolean endOfStream) {
        if (endOfStream) {
            cancelBody(streamId);
        } else if (!isStreaming(headers)) {
            expectBody(streamId, () -> reset(streamId));
        }
    }

    private static boolean isStreaming(Http2Headers headers) {
        return RequestDeadlines.isStreaming(headers.get(HttpHeaderNames.CONTENT_TYPE));
    }

    private void reset(int streamId) {
        ChannelHandlerContext context = channel.pipeline().context(handler);
        handler.resetStream(context, streamId, Http2Error.CANCEL.code(), context.newPromise());
        context.flush();
    }

    private void expectBody(int streamId, Runnable whenLate) {
        bodies.computeIfAbsent(
                streamId,
                id ->
                        schedule(
                                times.body(),
                                () -> {
                                    onLate.accept(Late.BODY);
                                    whenLate.run();
                                }));
    }

    private void cancelBody(int streamId) {
        Future<?> body = bodies.remove(streamId);
        if (body != null) {
            body.cancel(false);
        }
    }

    private void expectRequest(Late what, long withinMs) {
        cancelRequest();
        request =
                schedule(
                        withinMs,
                        () -> {
                            onLate.accept(what);
                            channel.close();
                        });
    }

    private void cancelRequest() {
        if (request != null) {
            request.cancel(false);
            request = null;
        }
    }

    private void cancelAll() {
        cancelRequest();
        bodies.values().forEach(body -> body.cancel(false));
        bodies.clear();
    }

    private Future<?> schedule(long afterMs, Runnable task) {
        return channel.eventLoop().schedule(task, afterMs, TimeUnit.MILLISECONDS);
    }

    /** Hears which streams there are. */
    private final class Streams extends Http2ConnectionAdapter {
        @Override
        public void onStreamActive(Http2Stream stream) {
            cancelRequest();
        }

        @Override
        public void onStreamClosed(Http2Stream stream) {
            cancelBody(stream.id());
            if (handler.connection().numActiveStreams() == 0 && channel.isActive()) {
                expectRequest(Late.NEXT_REQUEST, times.next());
            }
        }
    }

    /** The request that asked for the upgrade; it has become the first stream. */
    private final class UpgradeRequest extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Http2HeadersFrame head && !isStreaming(head.headers())) {
                // Its body still comes by HTTP/1, which no reset would end.
                expectBody(1, channel::close);
            }
            if (message instanceof Http2DataFrame data && data.isEndStream()) {
                cancelBody(1);
                context.fireChannelRead(message);
                context.pipeline().remove(this);
            } else {
                context.fireChannelRead(message);
            }
        }
    }
}
