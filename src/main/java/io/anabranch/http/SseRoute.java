package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.metrics.Connections;
import io.anabranch.metrics.Connections.Ended;
import io.anabranch.stream.Feed;
import io.anabranch.stream.Frames;
import io.anabranch.stream.Sink;
import io.anabranch.stream.Start;
import io.anabranch.stream.Subscriber;
import io.anabranch.transport.DirectSink;
import io.anabranch.transport.ResponseSink;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code GET /sse}: messages as an event stream (protocol, section 3; WHATWG HTML §9.2). */
final class SseRoute implements Handler<RoutingContext> {
    /** How long an EventSource waits before it reconnects, in ms. */
    private static final long RETRY_MS = 2_000;

    private final Node node;
    private final Loops loops;

    SseRoute(Node node, Loops loops) {
        this.node = node;
        this.loops = loops;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        SubscribeRequest subscribe;
        try {
            requireEventStream(request.getHeader("Accept"));
            subscribe =
                    SubscribeRequest.parse(
                            context.queryParams(),
                            request.getHeader("Last-Event-ID"),
                            node.settings().maxChannels());
            if (subscribe.channels().isEmpty()) {
                throw Refusal.badRequest("channel: missing (expected: one or more ?channel=)");
            }
        } catch (Refusal refusal) {
            Problem.answer(context, refusal);
            return;
        }
        node.credentials()
                .of(context, subscribe.ticket())
                .compose(principal -> admit(principal, subscribe))
                .compose(principal -> open(context, principal, subscribe))
                .onFailure(failure -> Problem.answer(context, failure));
    }

    private static void requireEventStream(@Nullable String accept) {
        if (accept == null
                || accept.contains("text/event-stream")
                || accept.contains("text/*")
                || accept.contains("*/*")) {
            return;
        }
        throw new Refusal(
                Reason.NOT_ACCEPTABLE,
                "Accept: " + Refusal.shown(accept) + " (expected: text/event-stream)");
    }

    private static Future<Principal> admit(Principal principal, SubscribeRequest subscribe) {
        Access.requireSubscribe(principal, subscribe.channels());
        return Future.succeededFuture(principal);
    }

    private Future<Void> open(
            RoutingContext context, Principal principal, SubscribeRequest subscribe) {
        Gate.Pass pass = node.gate().enter(principal.user(), Arrival.address(context));
        HttpServerResponse response = context.response();
        boolean chunked = context.request().version() == HttpVersion.HTTP_1_1;
        response.setChunked(chunked)
                .putHeader("Content-Type", "text/event-stream")
                .putHeader("Cache-Control", "no-store, no-transform")
                .putHeader("X-Accel-Buffering", "no");
        return response.writeHead()
                .compose(
                        unused ->
                                new Stream(
                                                loops.here(),
                                                context,
                                                principal,
                                                subscribe,
                                                chunked,
                                                pass)
                                        .start())
                .onFailure(failure -> pass.giveBack());
    }

    /** One event stream. */
    private final class Stream implements Session {
        private final RoutingContext context;
        private final Principal principal;
        private final SubscribeRequest request;
        private final Sink sink;
        private final Subscriber subscriber;
        private final String session = UUID.randomUUID().toString();
        private final Attendance attendance;
        private final Expiry expiry;
        private final Connections.Open open;
        private final Gate.Pass pass;
        private final Sessions sessions;

        Stream(
                Loops.Readers readers,
                RoutingContext context,
                Principal principal,
                SubscribeRequest request,
                boolean chunked,
                Gate.Pass pass) {
            this.pass = pass;
            this.sessions = readers.sessions();
            this.context = context;
            this.principal = principal;
            this.request = request;
            this.sink = sink(chunked);
            this.subscriber = readers.fanout().add(sink, () -> {}, () -> end(Closing.failed()));
            this.attendance =
                    new Attendance(
                            node.presence(), subscriber, session, request.client(), principal);
            this.expiry = new Expiry(node.vertx(), () -> end(Closing.EXPIRED));
            this.open =
                    node.telemetry()
                            .connections()
                            .opened(
                                    Connections.Transport.SSE,
                                    session,
                                    principal.user(),
                                    Arrival.address(context));
            context.response().closeHandler(unused -> close(Ended.CLIENT));
            context.response().exceptionHandler(unused -> close(Ended.CLIENT));
        }

        private Sink sink(boolean chunked) {
            Runnable onWritable = () -> subscriber.writable();
            if (chunked) {
                // They are used up, and the connection would hold them for as long as it lives.
                context.request().headers().clear();
            }
            return chunked
                    ? DirectSink.ofEventStream(context.request(), request.envelope(), onWritable)
                    : new ResponseSink(context.request(), request.envelope(), onWritable);
        }

        Future<Void> start() {
            sessions.add(this);
            attendance.begin(request.channels());
            Feed feed =
                    subscriber.subscribe(request.channels(), request.start(), request.conflateMs());
            return beginning(feed)
                    .onSuccess(
                            cursor -> {
                                if (isOver()) {
                                    return;
                                }
                                subscriber.sendPreamble(RETRY_MS, cursor);
                                subscriber.send(
                                        Frames.ready(
                                                session,
                                                principal.user(),
                                                cursor,
                                                node.settings().heartbeatMs(),
                                                principal.expiresAtMs()));
                                expiry.at(principal.expiresAtMs());
                                feed.begin();
                            })
                    .onFailure(failure -> end(Closing.failed()))
                    .mapEmpty();
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

        @Override
        public String id() {
            return session;
        }

        @Override
        public Principal principal() {
            return principal;
        }

        @Override
        public Collection<ChannelPattern> channels() {
            return request.channels();
        }

        @Override
        public State state() {
            return new State(
                    "sse",
                    Arrival.address(context),
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
            open.ended(reason);
            pass.giveBack();
            expiry.cancel();
            attendance.lose();
            subscriber.close();
            sessions.remove(this);
        }
    }

    private static MessageId beforeFirst(Page page, MessageId otherwise) {
        return page.messages().isEmpty()
                ? otherwise
                : otherwise.at(page.messages().get(0).id().seq() - 1);
    }
}
