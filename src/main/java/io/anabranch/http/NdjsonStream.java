package io.anabranch.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Reads a request no faster than its items may be published: who streams is slowed down, as by any
 * full connection, and loses nothing. For its event loop alone.
 */
final class NdjsonStream {
    private static final long NANOS_PER_MS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final LongSupplier admission;
    private final Consumer<ByteBuffer> publish;
    private final Runnable onEnd;

    /** The items of what was read last. */
    private final Queue<ByteBuffer> items = new ArrayDeque<>();

    private boolean waiting;
    private boolean full;

    /** Whether all was read, after which a request takes no word of it. */
    private boolean allRead;

    private boolean ended;

    /**
     * @param admission lets one item pass: 0, or after how many nanoseconds it may
     * @param onEnd called when all items are published
     */
    NdjsonStream(
            Vertx vertx,
            HttpServerRequest request,
            LongSupplier admission,
            Consumer<ByteBuffer> publish,
            Runnable onEnd) {
        this.vertx = vertx;
        this.request = request;
        this.admission = admission;
        this.publish = publish;
        this.onEnd = onEnd;
    }

    void add(ByteBuffer item) {
        items.add(item);
        publishSome();
    }

    /** All was read, though the last item may still be added. */
    void allRead() {
        allRead = true;
    }

    /** No item follows. */
    void end() {
        ended = true;
        publishSome();
    }

    /** No more is read until {@link #goOn()}. */
    void hold() {
        full = true;
        readOrWait();
    }

    void goOn() {
        full = false;
        readOrWait();
    }

    private void publishSome() {
        while (!waiting && !items.isEmpty()) {
            long wait = admission.getAsLong();
            if (wait > 0) {
                waiting = true;
                vertx.setTimer(1 + wait / NANOS_PER_MS, timer -> goOnAfterWait());
            } else {
                publish.accept(items.remove());
            }
        }
        if (!ended) {
            readOrWait();
        } else if (items.isEmpty()) {
            onEnd.run();
        }
    }

    private void goOnAfterWait() {
        waiting = false;
        publishSome();
    }

    private void readOrWait() {
        if (allRead) {
            return;
        }
        if (waiting || full) {
            request.pause();
        } else {
            request.resume();
        }
    }
}
