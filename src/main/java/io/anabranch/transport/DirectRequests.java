package io.anabranch.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests over HTTP/1.1 that come whole with one read, before Vert.x makes objects of them
 * and a router looks for their route. What is not answered here goes on to Vert.x as it came, and
 * so does all while another request of the connection has no answer yet, or answers wait for a
 * client that does not read.
 */
public final class DirectRequests extends ChannelInboundHandlerAdapter {
    /** What a connection's requests are answered with, on its event loop. */
    public interface Answers {
        /** Whether a request with that head may be answered here. */
        boolean areFor(HttpRequest head);

        /**
         * The whole response, as bytes; empty to leave the request, of which nothing has been done,
         * to Vert.x.
         */
        Optional<ByteBuf> to(HttpRequest head, ByteBuf body, ByteBufAllocator buffers);
    }

    private final RequestDeadlines deadlines;
    private final Answers answers;
    private final ChannelHandlerContext encoder;

    /** What came, while the rest of it may come with the same read. */
    private @Nullable HttpRequest head;

    private boolean unflushed;

    private DirectRequests(
            RequestDeadlines deadlines, Answers answers, ChannelHandlerContext encoder) {
        this.deadlines = deadlines;
        this.answers = answers;
        this.encoder = encoder;
    }

    /** Whether requests of the connection could be answered here, and are not yet. */
    public static boolean canServe(HttpConnection connection) {
        return connection instanceof ConnectionBase base
                && base.channel().pipeline().get(RequestDeadlines.class) != null
                && base.channel().pipeline().get(DirectRequests.class) == null;
    }

    /**
     * Answers those that come from now on, where {@link #canServe}. To be called on the
     * connection's event loop.
     */
    public static void serve(HttpConnection connection, Answers answers) {
        serve(((ConnectionBase) connection).channel().pipeline(), answers);
    }

    static void serve(ChannelPipeline pipeline, Answers answers) {
        pipeline.addBefore(
                RequestDeadlines.VERTX,
                null,
                new DirectRequests(
                        pipeline.get(RequestDeadlines.class),
                        answers,
                        pipeline.context("httpEncoder")));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        HttpRequest begun = head;
        head = null;
        if (begun == null) {
            begin(context, message);
        } else if (!(message instanceof LastHttpContent body) || !answer(context, begun, body)) {
            context.fireChannelRead(begun);
            context.fireChannelRead(message);
        }
    }

    private void begin(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request
                && deadlines.hasOneRequest()
                && context.channel().isWritable()
                && answers.areFor(request)) {
            head = request;
        } else {
            context.fireChannelRead(message);
        }
    }

    private boolean answer(
            ChannelHandlerContext context, HttpRequest request, LastHttpContent body) {
        if (!body.decoderResult().isSuccess()) {
            return false;
        }
        Optional<ByteBuf> answer = answers.to(request, body.content(), context.alloc());
        if (answer.isEmpty()) {
            return false;
        }
        body.release();
        encoder.write(answer.get(), encoder.voidPromise());
        unflushed = true;
        deadlines.answered(context);
        return true;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        HttpRequest begun = head;
        if (begun != null) {
            head = null;
            context.fireChannelRead(begun);
        }
        if (unflushed) {
            unflushed = false;
            encoder.flush();
        }
        context.fireChannelReadComplete();
    }
}
