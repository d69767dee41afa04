package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.log.Extent;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.metrics.Connections;
import io.anabranch.metrics.Connections.Ended;
import io.anabranch.metrics.Refusals;
import io.anabranch.stream.Fanout;
import io.anabranch.stream.Feed;
import io.anabranch.stream.Frames;
import io.anabranch.stream.Start;
import io.anabranch.stream.Subscriber;
import io.anabranch.transport.DirectSink;
import io.anabranch.transport.WebSocketMessages;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One WebSocket: its client's frames and their answers (protocol, section 5). */
final class WebSocketSession implements Session, WebSocketMessages.Receiver {
    /** Frames that wait for their answers, before more are read. */
    private static final int MAX_UNANSWERED = 256;

    /** What a page of history holds at most, in bytes: a client may not read it for long. */
    private static final int MAX_HISTORY_BYTES = 256 * 1024;

    private final Node node;
    private final Sessions sessions;
    private final ServerWebSocket socket;
    private final DirectSink sink;
    private final Subscriber subscriber;
    private final Attendance attendance;
    private final Expiry expiry;
    private final Connections.Open open;
    private final String address;
    private final Gate.Pass pass;
    private final TokenBucket rate;

    /** Several patterns share a feed when they came with the query: one cursor, one order. */
    private final Map<ChannelPattern, Feed> feeds = new LinkedHashMap<>();

    private final @Nullable String client;
    private final String session = UUID.randomUUID().toString();
    private Principal principal;
    private boolean heardSinceHeartbeat = true;
    private int missedHeartbeats;
    private int unanswered;
    private boolean answeringHistory;
    private boolean reading;
    private boolean closed;

    WebSocketSession(
            Node node,
            Fanout fanout,
            Sessions sessions,
            RoutingContext context,
            ServerWebSocket socket,
            Principal principal,
            Gate.Pass pass,
            @Nullable String client) {
        this.node = node;
        this.sessions = sessions;
        this.socket = socket;
        this.principal = principal;
        this.client = client;
        this.sink = DirectSink.ofWebSocket(context.request(), this::onWritability);
        this.subscriber = fanout.add(sink, this::onHeartbeat, () -> end(Closing.failed()));
        this.attendance = new Attendance(node.presence(), subscriber, session, client, principal);
        this.expiry = new Expiry(node.vertx(), () -> end(Closing.EXPIRED));
        this.pass = pass;
        this.rate = node.publisher().rates().connection();
        this.address = Arrival.address(context);
        this.open =
                node.telemetry()
                        .connections()
                        .opened(
                                Connections.Transport.WEBSOCKET,
                                session,
                                principal.user(),
                                address);
        WebSocketMessages.read(socket, node.settings().maxFrameBytes(), this);
        socket.pongHandler(unused -> heardSinceHeartbeat = true);
        socket.closeHandler(unused -> letGo(Ended.CLIENT));
    }

    void start(SubscribeRequest request) {
        sessions.add(this);
        if (!request.channels().isEmpty()) {
            Feed feed =
                    subscriber.subscribe(request.channels(), request.start(), request.conflateMs());
            request.channels().forEach(channel -> feeds.put(channel, feed));
            attendance.begin(request.channels());
        }
        subscriber.send(
                Frames.ready(
                        session,
                        principal.user(),
                        subscriber.cursor(),
                        node.settings().heartbeatMs(),
                        principal.expiresAtMs()));
        expiry.at(principal.expiresAtMs());
        Set.copyOf(feeds.values()).forEach(Feed::begin);
        readOnOrWait();
    }

    @Override
    public void onText(byte[] text) {
        heardSinceHeartbeat = true;
        unanswered++;
        try {
            Members frame = Members.parse("frame", text);
            Object ref = frame.ref();
            attempt(() -> handle(frame, ref), ref);
        } catch (Refusal refusal) {
            attempt(() -> Future.failedFuture(refusal), null);
        }
    }

    @Override
    public void onBinary(byte[] bytes) {
        heardSinceHeartbeat = true;
        unanswered++;
        var refusal = Refusal.badRequest("binary frame (expected: text)");
        attempt(() -> Future.failedFuture(refusal), null);
    }

    @Override
    public void onBroken(boolean tooLarge) {
        if (tooLarge) {
            int most = node.settings().maxFrameBytes();
            node.telemetry()
                    .refusals()
                    .refused(
                            Refusals.Of.FRAME,
                            Refusal.overLimit(
                                    Reason.TOO_LARGE, Limit.FRAME, "frame: too large", most),
                            asker());
        }
        letGo(Ended.BROKEN);
    }

    private void attempt(Supplier<Future<?>> handling, @Nullable Object ref) {
        Future<?> answered;
        try {
            answered = handling.get();
        } catch (RuntimeException | OutOfMemoryError e) {
            answered = Future.failedFuture(e);
        }
        answered.onFailure(failure -> refuse(ref, Problem.of(failure)))
                .onComplete(
                        unused -> {
                            unanswered--;
                            readOnOrWait();
                        });
        readOnOrWait();
    }

    private void refuse(@Nullable Object ref, Refusal refusal) {
        if (!closed) {
            node.telemetry().refusals().refused(Refusals.Of.FRAME, refusal, asker());
            subscriber.send(Frames.error(ref, refusal));
        }
    }

    private Publisher.Sender sender() {
        return new Publisher.Sender(principal, address, rate);
    }

    private Refusals.Asker asker() {
        return new Refusals.Asker(session, principal.user(), address, null);
    }

    /** Reads frames as long as their answers find room. */
    private void readOnOrWait() {
        boolean room = sink.isWritable() && unanswered < MAX_UNANSWERED && !answeringHistory;
        if (closed || room == reading) {
            return;
        }
        reading = room;
        if (room) {
            socket.resume();
        } else {
            socket.pause();
        }
    }

    /** Does what a frame asks and answers it; what fails is answered by the caller. */
    private Future<?> handle(Members frame, @Nullable Object ref) {
        String type = frame.requiredText("type");
        return switch (type) {
            case "subscribe" -> subscribe(frame, ref);
            case "unsubscribe" -> unsubscribe(frame, ref);
            case "publish" ->
                    OnLoop.onLoop(node.publisher().publish(sender(), frame))
                            .onSuccess(
                                    done -> send(Frames.ok(ref).put("id", done.id().toString())));
            case "history" -> history(frame, ref);
            case "call" ->
                    node.services()
                            .call(
                                    principal,
                                    frame.requiredText("service"),
                                    frame.value("data"),
                                    session)
                            .onSuccess(answer -> send(Frames.ok(ref).mergeIn(answer)));
            case "auth" -> auth(frame, ref);
            case "ping" -> answer(Frames.ok(ref));
            case "presence" -> presence(frame, ref);
            default ->
                    throw Refusal.badValue(
                            "type",
                            type,
                            "subscribe, unsubscribe, publish, history, presence, call, auth or"
                                    + " ping");
        };
    }

    /** One at a time, since its answer is large. */
    private Future<?> history(Members frame, @Nullable Object ref) {
        Future<JsonObject> page =
                History.read(
                        node.hub(),
                        principal,
                        frame,
                        node.settings().maxHistory(),
                        MAX_HISTORY_BYTES);
        answeringHistory = true;
        return page.onSuccess(read -> send(Frames.ok(ref).mergeIn(read)))
                .onComplete(unused -> answeringHistory = false);
    }

    private Future<?> subscribe(Members frame, @Nullable Object ref) {
        ChannelPattern pattern = new ChannelPattern(frame.requiredText("channel"));
        Access.requireSubscribe(principal, List.of(pattern));
        int conflateMs = frame.integer("conflate", 0, 0, SubscribeRequest.MAX_CONFLATE_MS);
        Feed earlier = feeds.get(pattern);
        Start start = start(frame, earlier);
        if (earlier == null) {
            SubscribeRequest.requireAtMost(node.settings().maxChannels(), feeds.size() + 1);
        } else {
            detach(pattern, earlier);
        }
        Feed feed = subscriber.subscribe(List.of(pattern), start, conflateMs);
        feeds.put(pattern, feed);
        attendance.begin(List.of(pattern));
        return OnLoop.onLoop(node.hub().extent(feed.replay()))
                .onSuccess(
                        extent -> {
                            send(subscribed(ref, feed, start, extent));
                            feed.begin();
                        });
    }

    private static JsonObject subscribed(
            @Nullable Object ref, Feed feed, Start start, Extent extent) {
        boolean fromCursor = start instanceof Start.After;
        return Frames.ok(ref)
                .put("cursor", feed.replayEnd().toString())
                .put("replayed", extent.messages())
                .put("recovered", !fromCursor || extent.complete());
    }

    /** Where a frame asks to begin; a repeated subscription goes on where the first one is. */
    private static Start start(Members frame, @Nullable Feed earlier) {
        String after = frame.text("after");
        if (after != null) {
            return new Start.After(Cursor.parse("after", after));
        }
        int last = frame.integer("last", 0, 0, SubscribeRequest.MAX_LAST);
        if (last > 0) {
            return new Start.Last(last);
        }
        return earlier == null
                ? new Start.Live()
                : new Start.After(new Cursor.After(earlier.cursor()));
    }

    private Future<?> unsubscribe(Members frame, @Nullable Object ref) {
        ChannelPattern pattern = new ChannelPattern(frame.requiredText("channel"));
        Feed feed = feeds.get(pattern);
        if (feed == null) {
            throw Refusal.badValue("channel", pattern, "one that is subscribed to here");
        }
        detach(pattern, feed);
        attendance.end(pattern);
        return answer(Frames.ok(ref));
    }

    /** Ends one subscription; those of the query that share its feed go on from their cursor. */
    private void detach(ChannelPattern pattern, Feed feed) {
        feeds.remove(pattern);
        subscriber.unsubscribe(feed);
        List<ChannelPattern> others =
                feed.patterns().stream().filter(other -> feeds.get(other) == feed).toList();
        if (!others.isEmpty()) {
            Start from = new Start.After(new Cursor.After(feed.cursor()));
            Feed rest = subscriber.subscribe(others, from, feed.conflateMs());
            others.forEach(other -> feeds.put(other, rest));
            rest.begin();
        }
    }

    private Future<?> presence(Members frame, @Nullable Object ref) {
        Channel channel = SubscribeRequest.channel(frame.text("channel"));
        return answer(Frames.ok(ref).mergeIn(Roster.of(node.presence(), principal, channel)));
    }

    private Future<?> auth(Members frame, @Nullable Object ref) {
        return node.credentials()
                .ofToken(frame.requiredText("token"))
                .compose(renewed -> takeOver(renewed, ref));
    }

    private Future<?> takeOver(Principal renewed, @Nullable Object ref) {
        if (!principal.isAnonymous() && !Objects.equals(principal.user(), renewed.user())) {
            String expected = Refusal.shown(principal.user()) + ", as this connection's";
            throw new Refusal(
                    Reason.FORBIDDEN,
                    "sub: " + Refusal.shown(renewed.user()) + " (expected: " + expected + ")");
        }
        pass.passTo(renewed.user());
        principal = renewed;
        expiry.at(renewed.expiresAtMs());
        JsonObject ok = Frames.ok(ref);
        if (renewed.user() != null) {
            ok.put("user", renewed.user());
        }
        send(ok.put("expires", renewed.expiresAtMs()));
        endForbiddenFeeds();
        attendance.renew(renewed, feeds.keySet());
        return Future.succeededFuture();
    }

    private void endForbiddenFeeds() {
        for (ChannelPattern pattern : List.copyOf(feeds.keySet())) {
            try {
                Access.requireSubscribe(principal, List.of(pattern));
            } catch (Refusal refusal) {
                detach(pattern, Objects.requireNonNull(feeds.get(pattern)));
                attendance.end(pattern);
                refuse(null, refusal);
            }
        }
    }

    private Future<?> answer(JsonObject frame) {
        send(frame);
        return Future.succeededFuture();
    }

    private void send(JsonObject frame) {
        if (!closed) {
            subscriber.send(frame);
        }
    }

    private void onWritability() {
        readOnOrWait();
        if (sink.isWritable()) {
            // What the socket took, the client has read.
            heardSinceHeartbeat = true;
            subscriber.writable();
        }
    }

    private void onHeartbeat() {
        missedHeartbeats = heardSinceHeartbeat ? 0 : missedHeartbeats + 1;
        heardSinceHeartbeat = false;
        if (missedHeartbeats >= 2) {
            end(Closing.HEARTBEAT_MISSED);
        } else {
            socket.writePing(Buffer.buffer());
        }
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
        return feeds.keySet();
    }

    @Override
    public State state() {
        return new State(
                "websocket",
                address,
                client,
                subscriber.cursor().toString(),
                subscriber.isBehind());
    }

    @Override
    public void end(Closing closing) {
        if (closed) {
            return;
        }
        try {
            subscriber.send(closing.frame());
        } finally {
            letGo(closing.ended());
            socket.close(closing.code(), closing.shortReason());
            sessions.abortUnlessSent(sink);
        }
    }

    private void letGo(Ended reason) {
        closed = true;
        open.ended(reason);
        pass.giveBack();
        expiry.cancel();
        attendance.lose();
        subscriber.close();
        feeds.clear();
        sessions.remove(this);
    }
}
