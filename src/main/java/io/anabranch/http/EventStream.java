package io.anabranch.http;

import io.anabranch.adapter.StreamRequest;
import io.anabranch.auth.Principal;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.MessageId;
import io.anabranch.metrics.Connections;
import io.anabranch.metrics.Connections.Ended;
import io.anabranch.stream.Encoding.Form;
import io.anabranch.stream.Feed;
import io.anabranch.stream.Frames;
import io.anabranch.stream.Sink;
import io.anabranch.stream.Start;
import io.anabranch.stream.Subscriber;
import io.anabranch.transport.DirectSink;
import io.anabranch.transport.ResponseSink;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.Collection;

/** One event stream (protocol, section 3; WHATWG HTML §9.2). For its event loop alone. */
final class EventStream implements Session {
    /** How long an EventSource waits before it reconnects, in ms. */
    private static final long RETRY_MS = 2_000;

    private final Node node;
    private final Sessions sessions;
    private final RoutingContext context;
    private final StreamRequest request;
    private final Sink sink;
    private final Subscriber subscriber;
    private final Attendance attendance;
    private final Admission admission;

    private EventStream(
            Node node,
            Loops.Readers readers,
            RoutingContext context,
            Principal principal,
            StreamRequest request,
            boolean chunked,
            Gate.Pass pass) {
        this.node = node;
        this.sessions = readers.sessions();
        this.context = context;
        this.request = request;
        this.admission =
                new Admission(
                        node,
                        sessions,
                        this,
                        Connections.Transport.SSE,
                        principal,
                        pass,
                        Arrival.address(context));
        this.sink = sink(chunked);
        this.subscriber =
                readers.fanout().add(sink, request.view(), () -> {}, () -> end(Closing.failed()));
        this.attendance =
                new Attendance(node.presence(), subscriber, id(), request.client(), principal);
        context.response().closeHandler(unused -> close(Ended.CLIENT));
        context.response().exceptionHandler(unused -> close(Ended.CLIENT));
    }

    /** Lets the client in, as far as the limits do, and answers with the stream. */
    static Future<Void> open(
            Node node,
            Loops.Readers readers,
            RoutingContext context,
            Principal principal,
            StreamRequest request) {
        Gate.Pass pass = node.gate().enter(principal.user(), Arrival.address(context));
        HttpServerResponse response = context.response();
        boolean chunked = context.request().version() == HttpVersion.HTTP_1_1;
        response.setChunked(chunked)
                .putHeader("Content-Type", "text/event-stream")
                .putHeader("Cache-Control", "no-store, no-transform")
                .putHeader("X-Accel-Buffering", "no");
        if (context.request().headers().contains("Accept-Encoding")) {
            // A server that compresses would say so of what the sink writes as it is.
            response.putHeader("Content-Encoding", "identity");
        }
        // A client that has the head expects all that is published from then on.
        StreamRequest fixed =
                request.start() instanceof Start.Live
                        ? request.from(new Start.After(new Cursor.After(node.hub().head())))
                        : request;
        return response.writeHead()
                .compose(
                        unused ->
                                new EventStream(
                                                node, readers, context, principal, fixed, chunked,
                                                pass)
                                        .start())
                .onFailure(failure -> pass.giveBack());
    }

    private Sink sink(boolean chunked) {
        Runnable onWritable = () -> subscriber.writable();
        if (chunked) {
            // They are used up, and the connection would hold them for as long as it lives.
            context.request().headers().clear();
        }
        return chunked
                ? DirectSink.ofEventStream(context.request(), request.form(), onWritable)
                : new ResponseSink(context.request(), request.form(), onWritable);
    }

    private Future<Void> start() {
        admission.enlist();
        attendance.begin(request.channels());
        Feed feed = subscriber.subscribe(request.channels(), request.start(), request.conflateMs());
        request.listener().began(id());
        return beginning(feed)
                .onSuccess(cursor -> begin(feed, cursor))
                .onFailure(failure -> end(Closing.failed()))
                .mapEmpty();
    }

    private void begin(Feed feed, MessageId cursor) {
        if (isOver()) {
            return;
        }
        subscriber.sendPreamble(RETRY_MS, cursor);
        if (request.form() != Form.MERCURE) {
            subscriber.send(
                    Frames.ready(
                            id(),
                            principal().user(),
                            cursor,
                            node.settings().heartbeatMs(),
                            principal().expiresAtMs()));
        }
        admission.endWithToken();
        feed.begin();
    }

    /** The position before the first message that will be sent. */
    private Future<MessageId> beginning(Feed feed) {
        if (!(request.start() instanceof Start.Last)) {
            return Future.succeededFuture(feed.cursor());
        }
        Query replay = feed.replay();
        Query first =
                new Query(
                        replay.patterns(),
                        new Cursor.Earliest(),
                        replay.upTo(),
                        replay.lastPerChannel(),
                        1,
                        1);
        return OnLoop.onLoop(node.hub().read(first))
                .map(page -> beforeFirst(page, feed.replayEnd()));
    }

    private static MessageId beforeFirst(Page page, MessageId otherwise) {
        return page.messages().isEmpty()
                ? otherwise
                : otherwise.at(page.messages().get(0).id().seq() - 1);
    }

    @Override
    public String id() {
        return admission.id();
    }

    @Override
    public Principal principal() {
        return admission.principal();
    }

    @Override
    public Collection<ChannelPattern> channels() {
        return request.channels();
    }

    @Override
    public State state() {
        return new State(
                "sse",
                admission.address(),
                request.client(),
                subscriber.cursor().toString(),
                subscriber.isBehind());
    }

    @Override
    public void end(Closing closing) {
        if (isOver()) {
            return;
        }
        try {
            if (closing.retryAfterMs() > 0) {
                subscriber.sendClose(closing.frame(), closing.retryAfterMs());
            } else {
                subscriber.send(closing.frame());
            }
        } finally {
            close(closing.ended());
            context.response().end();
            sessions.abortUnlessSent(sink);
        }
    }

    private boolean isOver() {
        return context.response().ended() || context.response().closed();
    }

    private void close(Ended reason) {
        if (admission.end(reason)) {
            attendance.lose();
            subscriber.close();
            request.listener().ended(id());
        }
    }
}
