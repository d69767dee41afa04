package io.anabranch.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client library in a process of its own, driven by lines of JSON. A command has {@code do},
 * {@code hub} (the name of a hub object) and a {@code ref} that its answer repeats, with {@code ok}
 * or {@code error}. In between come events: {@code hub}, {@code event} and {@code value}, and
 * {@code sub} for a message.
 */
final class ClientProcess implements AutoCloseable {
    private static final int SECONDS = 40;

    private final Process process;
    private final Writer in;
    private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
    private final Map<String, ClientLog> logs = new ConcurrentHashMap<>();
    private final AtomicInteger lastRef = new AtomicInteger();

    ClientProcess(List<String> command) throws IOException {
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        in = process.outputWriter(UTF_8);
        Thread reader = new Thread(this::read, "client-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** What the hub object of this name has told so far. */
    ClientLog log(String hub) {
        return logs.computeIfAbsent(hub, name -> new ClientLog());
    }

    /** Tells it to do something; the answer may come much later. */
    CompletableFuture<JsonObject> ask(JsonObject command) throws IOException {
        int ref = lastRef.incrementAndGet();
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        answers.put(ref, answer);
        String line = command.copy().put("ref", ref).encode() + "\n";
        synchronized (in) {
            in.write(line);
            in.flush();
        }
        return answer;
    }

    /** What was asked must succeed. */
    static JsonObject ok(CompletableFuture<JsonObject> answer) throws Exception {
        JsonObject line = answer.get(SECONDS, TimeUnit.SECONDS);
        if (!line.containsKey("ok")) {
            throw new AssertionError("refused: " + line);
        }
        return line.getJsonObject("ok");
    }

    /** What was asked must be refused. */
    static JsonObject error(CompletableFuture<JsonObject> answer) throws Exception {
        JsonObject line = answer.get(SECONDS, TimeUnit.SECONDS);
        if (!line.containsKey("error")) {
            throw new AssertionError("not refused: " + line);
        }
        return line.getJsonObject("error");
    }

    private void read() {
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            out.lines().map(JsonObject::new).forEach(this::take);
        } catch (IOException | UncheckedIOException e) {
            // The process has ended, which whoever waits for an answer is told below.
        }
        var ended = new AssertionError("the client's process has ended");
        answers.values().forEach(answer -> answer.completeExceptionally(ended));
    }

    private void take(JsonObject line) {
        if (line.containsKey("ref")) {
            answers.remove(line.getInteger("ref")).complete(line);
        } else {
            log(line.getString("hub")).add(line);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
