package io.anabranch.cli;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Follows an event stream over reconnections, from the last id on. It prints messages and tells of
 * gaps.
 */
final class Follower {
    private static final Duration HEADERS_TIMEOUT = Duration.ofSeconds(30);

    /** Close codes from here on say: come back, with the cursor. Below, that it is no use. */
    private static final int COME_BACK = 4500;

    private static final int TOKEN_EXPIRED = 4401;

    private final HubClient client;
    private final String query;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Backoff backoff = new Backoff(RandomGenerator.getDefault());
    private SseParser parser = new SseParser();
    private String lastId = "";
    private boolean wasConnected;
    private long retryAfterMs;

    /**
     * @param query the path with its query
     */
    Follower(HubClient client, String query, PrintWriter out, PrintWriter err) {
        this.client = client;
        this.query = query;
        this.out = out;
        this.err = err;
    }

    /**
     * Follows until the hub ends the stream for good or nobody reads the output any more.
     *
     * @return the exit code
     * @throws Failure when the hub refuses, or cannot be reached the first time
     */
    int follow() {
        while (connect()) {
            pause(backoff.next(retryAfterMs));
            retryAfterMs = 0;
        }
        return 0;
    }

    /** Reads one connection to its end; whether to come back. */
    private boolean connect() {
        HttpResponse<InputStream> response;
        try {
            response = client.send(request(), BodyHandlers.ofInputStream());
        } catch (IOException e) {
            if (!wasConnected) {
                throw client.unreachable(e);
            }
            return true;
        }
        try (InputStream body = response.body()) {
            return switch (response.statusCode()) {
                case 200 -> read(body);
                case 204 -> false;
                case 429, 502, 503, 504 -> comeBack(response);
                default ->
                        throw HubClient.refused(
                                response.statusCode(),
                                new String(body.readAllBytes(), StandardCharsets.UTF_8));
            };
        } catch (IOException connectionLost) {
            return true;
        }
    }

    private HttpRequest request() {
        HttpRequest.Builder request =
                client.request(query)
                        .timeout(HEADERS_TIMEOUT)
                        .header("Accept", "text/event-stream");
        if (!lastId.isEmpty()) {
            request.header("Last-Event-ID", lastId);
        }
        return request.build();
    }

    private boolean comeBack(HttpResponse<InputStream> response) {
        retryAfterMs =
                response.headers()
                        .firstValue("Retry-After")
                        .filter(seconds -> seconds.matches("[0-9]{1,4}"))
                        .map(seconds -> Long.parseLong(seconds) * 1000)
                        .orElse(0L);
        return true;
    }

    private boolean read(InputStream body) throws IOException {
        wasConnected = true;
        parser = new SseParser();
        try (Watchdog watchdog = new Watchdog(body);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                watchdog.heard();
                Optional<SseParser.Event> event = parser.line(line);
                if (event.isPresent() && !take(event.get(), watchdog)) {
                    return false;
                }
                if (!parser.lastEventId().isEmpty()) {
                    lastId = parser.lastEventId();
                }
                line = lines.readLine();
            }
        }
        return true;
    }

    /** Whether to read on. */
    private boolean take(SseParser.Event event, Watchdog watchdog) {
        switch (event.name()) {
            case "hub.ready" -> {
                backoff.reset();
                watchdog.expectEvery(new JsonObject(event.data()).getLong("heartbeat", 0L));
            }
            case "hub.gap" -> err.println("gap: " + event.data());
            case "hub.close" -> closed(new JsonObject(event.data()));
            default -> {
                if (!event.name().startsWith("hub.")) {
                    out.println(event.data());
                }
            }
        }
        return !out.checkError();
    }

    private void closed(JsonObject frame) {
        int code = frame.getInteger("code", COME_BACK);
        if (code < COME_BACK && code != TOKEN_EXPIRED) {
            throw new Failure("the hub closed the stream: " + frame.getString("reason"));
        }
        retryAfterMs = frame.getLong("retryAfter", 0L);
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }
}
