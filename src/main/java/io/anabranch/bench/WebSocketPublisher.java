package io.anabranch.bench;

import io.vertx.core.Future;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Publishes by {@code publish} frames. */
final class WebSocketPublisher extends Publisher {
    private static final String CLOSED = "the connection was closed";

    private final WebSocketClient client;
    private final Target target;
    private final Settings settings;
    private final Payload payload;
    private final Map<Long, Outgoing> unanswered = new HashMap<>();
    private @Nullable WebSocket socket;
    private long lastRef;
    private String closed = "";

    WebSocketPublisher(
            Answers answers,
            WebSocketClient client,
            Target target,
            Settings settings,
            Payload payload) {
        super(answers);
        this.client = client;
        this.target = target;
        this.settings = settings;
        this.payload = payload;
    }

    @Override
    public Future<?> start() {
        WebSocketConnectOptions options =
                new WebSocketConnectOptions()
                        .setHost(target.host())
                        .setPort(target.port())
                        .setSsl(target.tls())
                        .setURI(target.path("/ws"))
                        .addHeader("Authorization", target.bearer())
                        .addSubProtocol("anabranch.v1");
        return client.connect(options)
                .onSuccess(
                        opened -> {
                            socket = opened;
                            opened.textMessageHandler(this::read)
                                    .drainHandler(unused -> sendDue())
                                    .closeHandler(unused -> close(CLOSED));
                        });
    }

    private void read(String text) {
        try {
            JsonObject frame = new JsonObject(text);
            Outgoing message = unanswered.remove(frame.getLong("ref"));
            if (message != null && frame.containsKey("id")) {
                accepted(message, frame.getString("id"));
            } else if (message != null) {
                refused(frame.getInteger("status", 0), frame.getString("message", ""));
            } else if ("close".equals(frame.getString("type"))) {
                close(frame.getInteger("code") + " " + frame.getString("reason"));
            }
        } catch (DecodeException | ClassCastException e) {
            close("no frame: " + text);
        }
    }

    private void close(String why) {
        if (closed.isEmpty()) {
            closed = why;
        }
        int failures = unanswered.size();
        unanswered.clear();
        for (int i = 0; i < failures; i++) {
            failed(closed);
        }
        sendDue();
    }

    @Override
    boolean isReady() {
        return socket != null && (socket.isClosed() || !socket.writeQueueFull());
    }

    @Override
    void send(Outgoing message) {
        if (socket == null || socket.isClosed()) {
            failed(closed.isEmpty() ? CLOSED : closed);
            return;
        }
        unanswered.put(++lastRef, message);
        socket.writeTextMessage(
                "{\"type\":\"publish\",\"ref\":"
                        + lastRef
                        + ",\"channel\":\""
                        + settings.channel(message.channel())
                        + "\",\"data\":"
                        + payload.of(message)
                        + "}");
    }

    @Override
    void flush() {}

    @Override
    void end() {
        if (socket != null) {
            socket.close();
        }
    }
}
