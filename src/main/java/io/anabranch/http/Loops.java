package io.anabranch.http;

import io.anabranch.message.Refusal;
import io.anabranch.stream.Fanout;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What each event loop has for those who read: made when the first of them comes by that loop,
 * whichever server and verticle it came by. Safe for use by any thread.
 */
final class Loops {
    private final Node node;
    private final Map<EventLoop, Readers> readers = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Loops(Node node) {
        this.node = node;
    }

    /**
     * One loop's.
     *
     * @param context of that loop, and of no verticle: it lives as long as the hub
     */
    record Readers(ContextInternal context, Fanout fanout, Sessions sessions) {}

    /**
     * Those of the caller's loop.
     *
     * @throws Refusal {@code unavailable} when the hub is closed
     * @throws IllegalStateException on a thread of no event loop
     */
    Readers here() {
        if (closed) {
            throw new Refusal(Refusal.Reason.UNAVAILABLE, "the hub is closed");
        }
        ContextInternal context = ((VertxInternal) node.vertx()).getOrCreateContext();
        if (!context.isEventLoopContext() || !context.inThread()) {
            throw new IllegalStateException(
                    "a hub's handler was called on "
                            + Thread.currentThread().getName()
                            + " (expected: an event loop; deploy the server's verticle as one)");
        }
        return readers.computeIfAbsent(context.nettyEventLoop(), this::begin);
    }

    private Readers begin(EventLoop loop) {
        ContextInternal context =
                ((VertxInternal) node.vertx()).contextBuilder().withEventLoop(loop).build();
        ContextInternal before = context.beginDispatch();
        try {
            Node.Settings settings = node.settings();
            Fanout fanout =
                    new Fanout(
                            node.vertx(),
                            node.hub(),
                            settings.heartbeatMs(),
                            settings.batchIntervalMs());
            Sessions sessions =
                    new Sessions(
                            node.vertx(), node.credentials().revocations(), node.sessions().here());
            node.sessions().here().add(sessions);
            node.loops().add(fanout.counts());
            return new Readers(context, fanout, sessions);
        } finally {
            context.endDispatch(before);
        }
    }

    /** Ends the connections of all loops, and makes no more; see {@link Sessions#endAll}. */
    Future<?> close(int withinMs) {
        closed = true;
        List<Future<Void>> ended =
                readers.values().stream().map(each -> close(each, withinMs)).toList();
        return Future.join(ended);
    }

    private static Future<Void> close(Readers readers, int withinMs) {
        Promise<Void> ended = Promise.promise();
        readers.context()
                .runOnContext(
                        unused -> {
                            readers.sessions().endAll(withinMs).onComplete(ended);
                            readers.fanout().close();
                        });
        return ended.future();
    }
}
