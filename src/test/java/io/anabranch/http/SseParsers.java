package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Three parsers of event streams that are not ours: npm's {@code eventsource} and {@code undici},
 * and Maven's {@code okhttp-eventsource}.
 */
final class SseParsers {
    /** The event that ends a stream, which is not among what was read. */
    static final String END = "-end-";

    static final List<String> NPM = List.of("eventsource", "undici");

    private static final Path CLIENTS = Path.of("src/test/js-independent");

    private SseParsers() {}

    /** What an application gets of an event. */
    record Event(String id, String event, String data) {}

    /**
     * A stream to be read from its beginning.
     *
     * @param events what an EventSource listens to
     */
    record Stream(String url, Set<String> events) {}

    static List<List<Event>> readWithNpm(String client, List<Stream> streams) throws Exception {
        assertThat(Files.isDirectory(CLIENTS.resolve("node_modules/" + client)))
                .as("npm's %s is not installed. Run: npm ci --prefix %s", client, CLIENTS)
                .isTrue();
        JsonArray asked = new JsonArray();
        for (Stream stream : streams) {
            List<String> events = List.copyOf(stream.events());
            asked.add(new JsonObject().put("url", stream.url()).put("events", events));
        }
        Path log = Files.createTempFile("events", ".log");
        Process node =
                new ProcessBuilder("node", "events.js", client)
                        .directory(CLIENTS.toFile())
                        .redirectError(log.toFile())
                        .start();
        try (var in = node.getInputStream()) {
            node.getOutputStream().write(asked.encode().getBytes(StandardCharsets.UTF_8));
            node.getOutputStream().close();
            String read = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(node.waitFor()).as(() -> text(log)).isZero();
            return read.lines().map(line -> events(new JsonArray(line))).toList();
        } finally {
            node.destroyForcibly();
            Files.delete(log);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<Event> events(JsonArray read) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < read.size(); i++) {
            JsonArray one = read.getJsonArray(i);
            events.add(new Event(one.getString(0), one.getString(1), one.getString(2)));
        }
        return events;
    }

    static List<Event> readWithMaven(Stream stream) {
        List<Event> events = new ArrayList<>();
        var connect = ConnectStrategy.http(URI.create(stream.url()));
        try (EventSource source = new EventSource.Builder(connect).build()) {
            for (MessageEvent event : source.messages()) {
                if (event.getEventName().equals(END)) {
                    return events;
                }
                if (stream.events().contains(event.getEventName())) {
                    events.add(
                            new Event(
                                    event.getLastEventId(), event.getEventName(), event.getData()));
                }
            }
        }
        throw new AssertionError("the stream ended after " + events);
    }
}
