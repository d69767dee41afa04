package io.anabranch.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Reads an event stream block by block, as it is on the wire. */
public final class SseReader implements AutoCloseable {
    /** One block: its fields, empty where it has none. */
    public record Block(String id, String event, String data, boolean hasData) {}

    private static final Block END = new Block("", "end of stream", "", false);

    private final HttpResponse<InputStream> response;
    private final BlockingQueue<Block> blocks = new LinkedBlockingQueue<>();
    private volatile int retryMs;

    public SseReader(TestHub hub, String pathAndQuery, String token, String... headers)
            throws Exception {
        this(hub.uri(pathAndQuery), token, headers);
    }

    public SseReader(URI uri, String token, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofInputStream());
        Thread reader = new Thread(this::read, "sse-reader");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (var in =
                new BufferedReader(
                        new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            List<String> lines = new ArrayList<>();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty()) {
                    blocks.add(block(lines));
                    lines.clear();
                } else {
                    lines.add(line);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // The stream was closed by either side: what END says.
        }
        blocks.add(END);
    }

    private Block block(List<String> lines) {
        String id = "";
        String event = "";
        List<String> data = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                event = line.substring(7);
            } else if (line.startsWith("retry: ")) {
                retryMs = Integer.parseInt(line.substring(7));
            } else if (line.startsWith("data: ")) {
                data.add(line.substring(6));
            }
        }
        return new Block(id, event, String.join("\n", data), !data.isEmpty());
    }

    /** How long an EventSource would wait before it reconnects, in ms. */
    public int retryMs() {
        return retryMs;
    }

    public int status() {
        return response.statusCode();
    }

    public String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** The next block, whatever it is. */
    public Block next() throws InterruptedException {
        Block block = blocks.poll(10, TimeUnit.SECONDS);
        if (block == null) {
            throw new AssertionError("no block in 10 s");
        }
        return block;
    }

    /** The next block that is neither a heartbeat nor {@code hub.ready}. */
    public Block message() throws InterruptedException {
        Block block = next();
        while (block != END && (!block.hasData() || block.event().equals("hub.ready"))) {
            block = next();
        }
        return block;
    }

    public List<Block> messages(int count) throws InterruptedException {
        List<Block> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            messages.add(message());
        }
        return messages;
    }

    /** Whether nothing but heartbeats is waiting to be read. */
    public boolean isQuiet() {
        return blocks.stream().noneMatch(Block::hasData);
    }

    @Override
    public void close() throws IOException {
        response.body().close();
    }
}
