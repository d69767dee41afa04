package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Limit;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.metrics.Connections;
import io.anabranch.metrics.Connections.Ended;
import io.anabranch.metrics.Refusals;
import io.anabranch.stream.Frames;
import io.anabranch.stream.Subscriber;
import io.anabranch.transport.DirectSink;
import io.anabranch.transport.WebSocket;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One WebSocket: its client's frames and their answers (protocol, section 5). */
final class WebSocketSession implements Session, WebSocket.Receiver {
    /** Frames that wait for their answers, before more are read. */
    private static final int MAX_UNANSWERED = 256;

    /** What a page of history holds at most, in bytes: a client may not read it for long. */
    private static final int MAX_HISTORY_BYTES = 256 * 1024;

    private final Node node;
    private final Sessions sessions;
    private final WebSocket socket;
    private final DirectSink sink;
    private final Subscriber subscriber;
    private final Subscriptions subscriptions;
    private final Admission admission;
    private final TokenBucket rate;
    private final @Nullable String client;
    private boolean heardSinceHeartbeat = true;
    private int missedHeartbeats;
    private int unanswered;
    private boolean answeringHistory;
    private boolean reading;

    WebSocketSession(
            Node node,
            Loops.Readers readers,
            RoutingContext context,
            WebSocket socket,
            Principal principal,
            Gate.Pass pass,
            @Nullable String client) {
        this.node = node;
        this.sessions = readers.sessions();
        this.socket = socket;
        this.client = client;
        this.admission =
                new Admission(
                        node,
                        sessions,
                        this,
                        Connections.Transport.WEBSOCKET,
                        principal,
                        pass,
                        Arrival.address(context));
        this.sink = DirectSink.ofWebSocket(context.request(), this::onWritability);
        this.subscriber =
                readers.fanout().add(sink, this::onHeartbeat, () -> end(Closing.failed()));
        this.subscriptions =
                new Subscriptions(
                        node,
                        subscriber,
                        new Attendance(node.presence(), subscriber, id(), client, principal));
        this.rate = node.publisher().rates().connection();
    }

    void start(SubscribeRequest request) {
        socket.read(node.settings().maxFrameBytes(), this);
        admission.enlist();
        subscriptions.open(request);
        subscriber.send(
                Frames.ready(
                        id(),
                        principal().user(),
                        subscriber.cursor(),
                        node.settings().heartbeatMs(),
                        principal().expiresAtMs()));
        admission.endWithToken();
        subscriptions.beginAll();
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
    public void onReadComplete() {
        subscriber.flushAnswers();
    }

    @Override
    public void onPong() {
        heardSinceHeartbeat = true;
    }

    @Override
    public void onClosed() {
        letGo(Ended.CLIENT);
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
        if (!admission.isOver()) {
            node.telemetry().refusals().refused(Refusals.Of.FRAME, refusal, asker());
            subscriber.send(Frames.error(ref, refusal));
        }
    }

    private Publisher.Sender sender() {
        return new Publisher.Sender(principal(), admission.address(), rate);
    }

    private Refusals.Asker asker() {
        return new Refusals.Asker(id(), principal().user(), admission.address(), null);
    }

    /** Reads frames as long as their answers find room. */
    private void readOnOrWait() {
        boolean room = sink.isWritable() && unanswered < MAX_UNANSWERED && !answeringHistory;
        if (admission.isOver() || room == reading) {
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
            case "subscribe" -> subscriptions.subscribe(principal(), frame, ref, this::send);
            case "unsubscribe" -> {
                subscriptions.unsubscribe(frame);
                yield answer(Frames.ok(ref));
            }
            case "publish" ->
                    OnLoop.onLoop(node.publisher().publish(sender(), frame))
                            .onSuccess(done -> answerPublished(ref, done.id()));
            case "history" -> history(frame, ref);
            case "call" ->
                    node.services()
                            .call(
                                    principal(),
                                    frame.requiredText("service"),
                                    frame.value("data"),
                                    id())
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
                        principal(),
                        frame,
                        node.settings().maxHistory(),
                        MAX_HISTORY_BYTES);
        answeringHistory = true;
        return page.onSuccess(read -> send(Frames.ok(ref).mergeIn(read)))
                .onComplete(unused -> answeringHistory = false);
    }

    private Future<?> presence(Members frame, @Nullable Object ref) {
        Channel channel = SubscribeRequest.channel(frame.text("channel"));
        return answer(Frames.ok(ref).mergeIn(Roster.of(node.presence(), principal(), channel)));
    }

    private Future<?> auth(Members frame, @Nullable Object ref) {
        return node.credentials()
                .ofToken(frame.requiredText("token"))
                .compose(renewed -> takeOver(renewed, ref));
    }

    private Future<?> takeOver(Principal renewed, @Nullable Object ref) {
        admission.renew(renewed);
        JsonObject ok = Frames.ok(ref);
        if (renewed.user() != null) {
            ok.put("user", renewed.user());
        }
        send(ok.put("expires", renewed.expiresAtMs()));
        subscriptions.renew(renewed, refusal -> refuse(null, refusal));
        return Future.succeededFuture();
    }

    /** Many may be answered at once: those of one read, or of one commit of the log's. */
    private void answerPublished(@Nullable Object ref, MessageId id) {
        if (admission.isOver()) {
            return;
        }
        if (!socket.isReading()) {
            subscriber.flushAnswersLater();
        }
        subscriber.answerPublished(ref, id);
    }

    private Future<?> answer(JsonObject frame) {
        send(frame);
        return Future.succeededFuture();
    }

    private void send(JsonObject frame) {
        if (!admission.isOver()) {
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
            socket.ping();
        }
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
        return subscriptions.patterns();
    }

    @Override
    public State state() {
        return new State(
                "websocket",
                admission.address(),
                client,
                subscriber.cursor().toString(),
                subscriber.isBehind());
    }

    @Override
    public void end(Closing closing) {
        if (admission.isOver()) {
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
        if (admission.end(reason)) {
            subscriptions.lose();
        }
    }
}
