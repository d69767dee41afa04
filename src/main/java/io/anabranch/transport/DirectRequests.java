package io.anabranch.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.ShutdownEvent;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests over HTTP/1.1 that come whole with one read, before Vert.x makes objects of them
 * and a router looks for their route. What is not answered here goes on to Vert.x as it came, and
 * so does all while another request of the connection has no answer yet from there, or answers wait
 * for a client that does not read. While an answer from here is not ready nothing goes on: what
 * came with the same read is held, and nothing more is read.
 */
public final class DirectRequests extends ChannelInboundHandlerAdapter {
    /** What a connection's requests are answered with, on its event loop. */
    public interface Answers {
        /** Whether a request with that head may be answered here. */
        boolean areFor(HttpRequest head);

        /**
         * What is answered once it is ready, on whichever thread, and never a failure; empty to
         * leave the request, of which nothing has been done, to Vert.x.
         *
         * @param body only until this returns
         */
        Optional<Future<Answer>> to(HttpRequest head, ByteBuf body);
    }

    /** A whole response. */
    public interface Answer {
        /** It, as bytes. Called once, on the connection's event loop. */
        ByteBuf bytes(ByteBufAllocator buffers);
    }

    private final RequestDeadlines deadlines;
    private final Answers answers;
    private final ChannelHandlerContext encoder;

    /** What came, while the rest of it may come with the same read. */
    private @Nullable HttpRequest head;

    private boolean unflushed;

    /** Whether an answer is not ready, and what came after its request. */
    private boolean waiting;

    private final Queue<Object> held = new ArrayDeque<>(0);
    private int heldRequests;

    /** What ends the connection when the answer that is not ready has been given. */
    private @Nullable ShutdownEvent shutdown;

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
        if (waiting) {
            hold(message);
            context.channel().config().setAutoRead(false);
        } else if (begun == null) {
            begin(context, message);
        } else if (!(message instanceof LastHttpContent body) || !answer(context, begun, body)) {
            context.fireChannelRead(begun);
            context.fireChannelRead(message);
        }
    }

    private void hold(Object message) {
        held.add(message);
        heldRequests += message instanceof HttpRequest ? 1 : 0;
    }

    private Object takeUp() {
        Object message = held.remove();
        heldRequests -= message instanceof HttpRequest ? 1 : 0;
        return message;
    }

    private void begin(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request
                && deadlines.requests() == 1 + heldRequests
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
        Optional<Future<Answer>> answer = answers.to(request, body.content());
        if (answer.isEmpty()) {
            return false;
        }
        body.release();
        Future<Answer> coming = answer.get();
        if (coming.isComplete()) {
            write(context, coming.result());
        } else {
            waiting = true;
            coming.onSuccess(ready -> context.executor().execute(() -> goOn(context, ready)));
        }
        return true;
    }

    private void write(ChannelHandlerContext context, Answer answer) {
        encoder.write(answer.bytes(context.alloc()), encoder.voidPromise());
        unflushed = true;
        deadlines.answered(context);
    }

    /** Answers what had to wait, and takes up what came meanwhile. */
    private void goOn(ChannelHandlerContext context, Answer answer) {
        waiting = false;
        if (!context.channel().isActive()) {
            return;
        }
        write(context, answer);
        if (shutdown != null) {
            encoder.flush();
            shutDown(context);
            return;
        }
        // Vert.x stops reading by itself, when it has too much of what is taken up here.
        context.channel().config().setAutoRead(true);
        while (!waiting && !held.isEmpty()) {
            channelRead(context, takeUp());
        }
        if (!held.isEmpty()) {
            context.channel().config().setAutoRead(false);
        }
        channelReadComplete(context);
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

    /** Vert.x knows of no request that waits, and would close the connection at once. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (waiting && event instanceof ShutdownEvent ending && !ending.timeout().isZero()) {
            shutdown = ending;
            context.executor()
                    .schedule(
                            () -> shutDown(context),
                            ending.timeout().toMillis(),
                            TimeUnit.MILLISECONDS);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    private void shutDown(ChannelHandlerContext context) {
        ShutdownEvent ending = shutdown;
        if (ending != null) {
            shutdown = null;
            drop();
            context.fireUserEventTriggered(ending);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        drop();
        context.fireChannelInactive();
    }

    private void drop() {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        heldRequests = 0;
    }
}
