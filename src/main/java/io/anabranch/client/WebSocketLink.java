package io.anabranch.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One socket, and more only for subscriptions that overlap with others. */
final class WebSocketLink extends Link {
    private static final int MAX_FRAME_BYTES = 16 * 1024 * 1024;

    private final List<Socket> sockets = new ArrayList<>();
    private boolean joined;

    WebSocketLink(LinkContext context, Events events) {
        super(context, events);
    }

    static WebSocketClient client(Vertx vertx) {
        return vertx.createWebSocketClient(
                new WebSocketClientOptions()
                        .setMaxFrameSize(MAX_FRAME_BYTES)
                        .setMaxMessageSize(MAX_FRAME_BYTES)
                        .setClosingTimeout(1));
    }

    @Override
    Transport kind() {
        return Transport.WEBSOCKET;
    }

    @Override
    boolean pingable() {
        return true;
    }

    @Override
    boolean pipelines() {
        return true;
    }

    @Override
    void connect() {
        openSocket();
    }

    private Socket openSocket() {
        Socket socket = new Socket(this);
        sockets.add(socket);
        wires.add(socket);
        socket.open();
        return socket;
    }

    void socketReady(JsonObject frame) {
        welcome(frame);
        checkReady();
    }

    @Override
    void join() {
        if (!joined) {
            joined = true;
            sync();
        }
        checkCaughtUp();
    }

    @Override
    void sync() {
        if (!isReady() || !joined || isClosed()) {
            return;
        }
        Set<Subscription> missing = new LinkedHashSet<>(context.subscriptions());
        for (Socket socket : sockets) {
            socket.sync(context.subscriptions());
            missing.removeAll(socket.subscriptions());
        }
        missing.forEach(subscription -> socketFor(subscription).subscribe(subscription));
        List<Socket> idle =
                sockets.stream().skip(1).filter(each -> each.subscriptions().isEmpty()).toList();
        idle.forEach(Socket::close);
        sockets.removeAll(idle);
        wires.removeAll(idle);
    }

    private Socket socketFor(Subscription subscription) {
        return sockets.stream()
                .filter(socket -> socket.hasRoomFor(subscription))
                .findFirst()
                .orElseGet(this::openSocket);
    }

    /** Caught up: all that was in the log when the subscriptions were answered is here. */
    void checkCaughtUp() {
        if (joined && sockets.stream().noneMatch(Socket::isBehind)) {
            events.caughtUp(this);
        }
    }

    @Override
    void ping() {
        sockets.forEach(Socket::ping);
    }

    @Override
    Future<JsonObject> request(String op, JsonObject args) {
        return ask(sockets.get(0), op, args);
    }

    @Override
    void authenticate(@Nullable String renewed) {
        token = renewed;
        JsonObject args = new JsonObject().put("token", renewed);
        for (Socket socket : sockets) {
            ask(socket, "auth", args)
                    .onSuccess(answer -> setExpires(answer.getLong("expires")))
                    .onFailure(context::report);
        }
    }

    private static Future<JsonObject> ask(Socket socket, String op, JsonObject args) {
        Promise<JsonObject> answer = Promise.promise();
        socket.ask(op, args, answer::complete, answer::fail);
        return answer.future();
    }
}
