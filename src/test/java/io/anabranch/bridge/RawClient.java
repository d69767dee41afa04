package io.anabranch.bridge;

import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Frames of the bridge over its raw WebSocket. */
final class RawClient implements WebSocket.Listener, AutoCloseable {
    private final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;

    /**
     * @param token empty to show none at the handshake
     */
    RawClient(TestHub hub, String token) throws Exception {
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (!token.isEmpty()) {
            builder.header("Authorization", "Bearer " + token);
        }
        String uri = hub.uri("/eventbus/websocket").toString().replaceFirst("^http", "ws");
        socket = builder.buildAsync(URI.create(uri), this).get(10, TimeUnit.SECONDS);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            frames.add(new JsonObject(text.toString()));
            text.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        frames.add(new JsonObject().put("closed", reason));
        return null;
    }

    RawClient send(String json) throws Exception {
        socket.sendText(json.replace('\'', '"'), true).get(10, TimeUnit.SECONDS);
        return this;
    }

    JsonObject next() throws InterruptedException {
        JsonObject frame = frames.poll(10, TimeUnit.SECONDS);
        if (frame == null) {
            throw new AssertionError("no frame in 10 s");
        }
        return frame;
    }

    @Override
    public void close() {
        socket.abort();
    }
}
