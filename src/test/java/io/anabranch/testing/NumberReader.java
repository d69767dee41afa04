package io.anabranch.testing;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A process of its own that reads one connection and never comes back: it prints {@code ready},
 * then each message's data, {@code gap} for a gap, and {@code ended} at the end.
 */
public final class NumberReader implements WebSocket.Listener {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    private NumberReader() {}

    /** Starts one, and returns when it is ready. */
    public static ChildProcess start(List<String> wrapper, URI uri, String token)
            throws IOException, InterruptedException {
        ChildProcess reader = ChildProcess.java(wrapper, NumberReader.class, uri.toString(), token);
        if (!reader.hear(30).equals("ready")) {
            throw new AssertionError("not ready");
        }
        return reader;
    }

    public static void main(String[] args) throws Exception {
        URI uri = URI.create(args[0]);
        var reader = new NumberReader();
        try {
            if (uri.getScheme().equals("ws")) {
                reader.webSocket(uri, args[1]);
            } else {
                reader.eventStream(uri, args[1]);
            }
        } finally {
            System.out.println("ended");
        }
    }

    private void eventStream(URI uri, String token) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build();
        HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith("data: "))
                .forEach(line -> take(line.substring(6)));
    }

    private void webSocket(URI uri, String token) throws Exception {
        HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("anabranch.v1", "bearer." + token)
                .buildAsync(uri, this)
                .get();
        ended.get();
    }

    @Override
    public @Nullable CompletionStage<?> onText(
            WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            take(text.toString());
            text.setLength(0);
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
        ended.complete(null);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        ended.complete(null);
    }

    private static void take(String json) {
        JsonObject frame = new JsonObject(json);
        switch (frame.getString("type")) {
            case "ready", "gap" -> System.out.println(frame.getString("type"));
            case "message" -> System.out.println(frame.getValue("data"));
            default -> {}
        }
    }
}
