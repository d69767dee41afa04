package io.anabranch.http;

import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a request brings, unless an application that hosts the hub has done so before. Unlike
 * vertx-web's body handler it leaves a body that comes with one read where it was read, and reads
 * when its route asks for it.
 */
final class RequestBody {
    private final int maxBytes;
    private final Supplier<Refusal> tooLarge;
    private final Promise<ByteBuffer> read = Promise.promise();

    /** What came so far. */
    private Buffer whole = Buffer.buffer(0);

    private RequestBody(int maxBytes, Supplier<Refusal> tooLarge) {
        this.maxBytes = maxBytes;
        this.tooLarge = tooLarge;
    }

    /** The whole body of at most {@code maxBytes}, which are no more than a message may have. */
    static Future<ByteBuffer> whole(RoutingContext context, int maxBytes) {
        return whole(
                context,
                maxBytes,
                () ->
                        Refusal.overLimit(
                                Refusal.Reason.TOO_LARGE,
                                Limit.MESSAGE,
                                "body: too large",
                                maxBytes + " bytes"));
    }

    /**
     * The whole body, taken over, in a buffer with an array. It fails with {@code tooLarge} as soon
     * as more than {@code maxBytes} come or are announced. Where a body never ends there is no
     * result: its connection has closed, or its routes' failure handler answers.
     */
    static Future<ByteBuffer> whole(
            RoutingContext context, int maxBytes, Supplier<Refusal> tooLarge) {
        if (announced(context.request()) > maxBytes) {
            return Future.failedFuture(tooLarge.get());
        }
        RequestBody body = new RequestBody(maxBytes, tooLarge);
        stream(context, body::take, unused -> body.read.tryComplete(bytes(body.whole)));
        return body.read.future();
    }

    /**
     * The body as it comes.
     *
     * @param onPart takes parts over
     */
    static void stream(RoutingContext context, Handler<Buffer> onPart, Handler<Void> onEnd) {
        HttpServerRequest request = context.request();
        if (request.isEnded()) {
            // Parts are taken over, and this one is the application's.
            Buffer read = context.body().buffer();
            onPart.handle(read == null ? Buffer.buffer(0) : read.copy());
            onEnd.handle(null);
        } else if (meetsExpectation(context)) {
            request.handler(onPart)
                    .exceptionHandler(failure -> brokenOff(context, failure))
                    .endHandler(onEnd);
        }
    }

    /** What a buffer holds, as what remains of one with an array: a copy only of memory outside. */
    static ByteBuffer bytes(Buffer buffer) {
        ByteBuf in = ((BufferInternal) buffer).getByteBuf();
        // Netty's empty buffer says that it has an array, and gives one that has none.
        boolean isInArray = in.hasArray() && in.isReadable();
        return isInArray ? in.nioBuffer() : ByteBuffer.wrap(buffer.getBytes());
    }

    /** How long the body says that it is, in bytes; 0 where it says nothing. */
    private static long announced(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** RFC 9110, section 10.1.1. */
    private static boolean meetsExpectation(RoutingContext context) {
        HttpServerRequest request = context.request();
        String expected = request.getHeader(HttpHeaders.EXPECT);
        if (expected == null || request.version() == HttpVersion.HTTP_1_0) {
            return true;
        }
        if (!expected.equalsIgnoreCase("100-continue")) {
            String told = "Expect: " + Refusal.shown(expected) + " (expected: 100-continue)";
            Problem.answer(context, Refusal.ofStatus(417, told));
            return false;
        }
        context.response().writeContinue();
        return true;
    }

    private static void brokenOff(RoutingContext context, Throwable failure) {
        if (isMalformed(failure)) {
            context.fail(400, failure);
        }
    }

    /** Whether the decoder, Netty's, could not read what came of a body. */
    static boolean isMalformed(@Nullable Throwable failure) {
        return failure instanceof DecoderException || failure instanceof NumberFormatException;
    }

    private void take(Buffer part) {
        if (read.future().isComplete()) {
            return;
        }
        if (whole.length() + part.length() > maxBytes) {
            whole = Buffer.buffer(0);
            read.fail(tooLarge.get());
        } else {
            whole = whole.length() == 0 ? part : whole.appendBuffer(part);
        }
    }
}
