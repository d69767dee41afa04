package io.anabranch.testing;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The JDK's WebSocket client, frame by frame. */
public final class WsClient implements WebSocket.Listener, AutoCloseable {
    /** The code of a connection that was lost without a close frame (RFC 6455 §7.4.1). */
    public static final int LOST = 1006;

    private final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> closeCodes = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final CountDownLatch answered = new CountDownLatch(1);
    private final WebSocket socket;

    /**
     * Waits for the hub's first frame: only then is it known from where on the client is told.
     *
     * @param token empty to offer none
     */
    public WsClient(TestHub hub, String pathAndQuery, String token) throws Exception {
        this(hub.uri(pathAndQuery), token);
    }

    /**
     * @param token empty to offer none
     * @param headers names and values in turn
     */
    public WsClient(URI hub, String token, String... headers) throws Exception {
        URI uri = URI.create(hub.toString().replaceFirst("^http", "ws"));
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        if (token.isEmpty()) {
            builder.subprotocols("anabranch.v1");
        } else {
            builder.subprotocols("anabranch.v1", "bearer." + token);
        }
        socket = builder.buildAsync(uri, this).get(10, TimeUnit.SECONDS);
        if (!answered.await(10, TimeUnit.SECONDS)) {
            throw new AssertionError("neither a frame nor a close in 10 s");
        }
    }

    public String subprotocol() {
        return socket.getSubprotocol();
    }

    @Override
    public @Nullable CompletionStage<?> onText(
            WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            frames.add(new JsonObject(text.toString()));
            text.setLength(0);
            answered.countDown();
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
        closeCodes.add(code);
        answered.countDown();
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closeCodes.add(LOST);
        answered.countDown();
    }

    public WsClient send(String json) throws Exception {
        socket.sendText(json, true).get(10, TimeUnit.SECONDS);
        return this;
    }

    /** The next frame that is no heartbeat. */
    public JsonObject next() throws InterruptedException {
        while (true) {
            JsonObject frame = frames.poll(10, TimeUnit.SECONDS);
            if (frame == null) {
                throw new AssertionError("no frame in 10 s");
            }
            if (!"heartbeat".equals(frame.getString("type"))) {
                return frame;
            }
        }
    }

    /** The next frame of a type; others are passed over. */
    public JsonObject next(String type) throws InterruptedException {
        JsonObject frame = next();
        while (!type.equals(frame.getString("type"))) {
            frame = next();
        }
        return frame;
    }

    public int closeCode() throws InterruptedException {
        Integer code = closeCodes.poll(10, TimeUnit.SECONDS);
        if (code == null) {
            throw new AssertionError("not closed in 10 s");
        }
        return code;
    }

    public boolean isQuiet() {
        return frames.isEmpty();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
