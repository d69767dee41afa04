package io.anabranch.bridge;

import io.anabranch.adapter.Connection;
import io.anabranch.adapter.Door;
import io.anabranch.auth.Principal;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One client's frames and their answers. For the connection's event loop alone. */
final class BridgeSocket {
    private static final String SERVICE = "service.";
    private static final String BEARER = "Bearer ";
    private static final JsonValue NOTHING = JsonValue.parse("null");

    /** Frames that wait for their answers, before more are read. */
    private static final int MAX_UNANSWERED = 256;

    private final Door door;
    private final SockJSSocket socket;
    private final SocketSink sink;
    private final Connection connection;
    private @Nullable String token;
    private Future<Void> authenticated = Future.succeededFuture();
    private int unanswered;

    private BridgeSocket(Door door, SockJSSocket socket, Principal principal) {
        this.door = door;
        this.socket = socket;
        this.sink = new SocketSink(socket);
        this.connection =
                door.connect(
                        socket.routingContext(), principal, sink, reason -> close(4_000, reason));
    }

    /** Lets a client in by the credentials of its handshake. */
    static void open(Door door, SockJSSocket socket) {
        socket.pause();
        door.identify(socket.routingContext())
                .map(principal -> new BridgeSocket(door, socket, principal))
                .onSuccess(BridgeSocket::read)
                .onFailure(
                        failure -> {
                            Refusal refusal = door.refused(socket.routingContext(), failure);
                            socket.write(error(null, refusal, failureType(refusal)).encode());
                            socket.close(4_000 + refusal.status() % 1_000, refusal.code());
                        });
    }

    private void read() {
        socket.handler(this::onFrame);
        socket.drainHandler(unused -> connection.writable());
        socket.endHandler(unused -> end());
        socket.exceptionHandler(unused -> end());
        socket.resume();
    }

    private void end() {
        sink.close();
        connection.closed();
    }

    private void close(int code, String reason) {
        sink.close();
        socket.close(code, reason);
    }

    private void onFrame(Buffer text) {
        Frame frame;
        try {
            frame = new Frame(JsonValue.members("frame", ByteBuffer.wrap(text.getBytes())));
        } catch (Refusal refusal) {
            refuse(null, refusal);
            return;
        }
        if (++unanswered >= MAX_UNANSWERED) {
            socket.pause();
        }
        attempt(() -> authenticate(frame).compose(unused -> act(frame)))
                .onFailure(failure -> refuse(frame, failure))
                .onComplete(
                        unused -> {
                            if (--unanswered == MAX_UNANSWERED - 1) {
                                socket.resume();
                            }
                        });
    }

    private static <T> Future<T> attempt(Supplier<Future<T>> task) {
        try {
            return task.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    /** A token in a frame's headers counts from that frame on. */
    private Future<Void> authenticate(Frame frame) {
        String shown = frame.header("Authorization");
        if (shown != null && !shown.equals(token)) {
            if (!shown.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                throw Refusal.badRequest("headers.Authorization: no bearer token (expected: one)");
            }
            token = shown;
            authenticated =
                    door.identify(shown.substring(BEARER.length()).trim())
                            .map(
                                    renewed -> {
                                        connection.renew(renewed);
                                        return null;
                                    });
        }
        return authenticated;
    }

    private Future<?> act(Frame frame) {
        String type = frame.text("type");
        switch (type == null ? "" : type) {
            case "ping" -> sink.send(new JsonObject().put("type", "pong"));
            case "register" -> {
                return connection.subscribe(frame.channel(), frame.headers());
            }
            case "unregister" -> connection.unsubscribe(frame.channel());
            case "send", "publish" -> {
                return frame.address().startsWith(SERVICE)
                        ? call(frame, "send".equals(type))
                        : connection
                                .publish(frame.channel(), frame.body())
                                .onSuccess(
                                        done ->
                                                reply(
                                                        frame,
                                                        new JsonObject()
                                                                .put("id", done.id().toString())));
            }
            default ->
                    throw Refusal.badValue(
                            "type",
                            String.valueOf(type),
                            "register, unregister, send, publish or ping");
        }
        return Future.succeededFuture();
    }

    private Future<?> call(Frame frame, boolean isSend) {
        if (!isSend) {
            throw Refusal.badRequest("type: publish to a service (expected: send)");
        }
        String service = frame.address().substring(SERVICE.length());
        return connection
                .call(service, frame.body())
                .onSuccess(answer -> reply(frame, answer.getValue("data")));
    }

    private void reply(Frame frame, @Nullable Object body) {
        String address = frame.text("replyAddress");
        if (address != null) {
            sink.send(
                    new JsonObject().put("type", "rec").put("address", address).put("body", body));
        }
    }

    private void refuse(@Nullable Frame frame, Throwable failure) {
        Refusal refusal = door.refused(socket.routingContext(), failure);
        sink.send(error(frame == null ? null : frame.answerTo(), refusal, failureType(refusal)));
    }

    /** The nearest one of Vert.x' own. */
    private static String failureType(Refusal refusal) {
        return switch (refusal.reason()) {
            case NOT_FOUND -> "NO_HANDLERS";
            case UNAVAILABLE -> "TIMEOUT";
            default -> "RECIPIENT_FAILURE";
        };
    }

    private static JsonObject error(@Nullable String address, Refusal refusal, String type) {
        JsonObject error =
                new JsonObject()
                        .put("type", "err")
                        .put("failureCode", refusal.status())
                        .put("failureType", type)
                        .put("message", refusal.explanation())
                        .put("body", refusal.code());
        return address == null ? error : error.put("address", address);
    }

    /** What a client sent. */
    private record Frame(Map<String, JsonValue> members) {
        @Nullable String text(String name) {
            JsonValue value = members.get(name);
            return value == null || !value.isText() ? null : value.text();
        }

        String address() {
            String address = text("address");
            if (address == null) {
                throw Refusal.badRequest("address: missing (expected: a channel or a service)");
            }
            return address;
        }

        Channel channel() {
            return new Channel(address());
        }

        /** Who is told of a failure: whoever waits for the reply. */
        @Nullable String answerTo() {
            String reply = text("replyAddress");
            return reply == null ? text("address") : reply;
        }

        JsonValue body() {
            return members.getOrDefault("body", NOTHING);
        }

        JsonObject headers() {
            JsonValue headers = members.get("headers");
            if (headers == null || headers.isNull()) {
                return new JsonObject();
            }
            if (!headers.isObject()) {
                throw Refusal.badValue("headers", headers, "an object");
            }
            return new JsonObject(headers.toString());
        }

        @Nullable String header(String name) {
            return headers().getValue(name) instanceof String text ? text : null;
        }
    }
}
