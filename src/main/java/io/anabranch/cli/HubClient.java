package io.anabranch.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Requests to one hub. */
final class HubClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .build();
    private final HubOptions.Hub hub;

    HubClient(HubOptions.Hub hub) {
        this.hub = hub;
    }

    /** Begins a request to a path that may have a query, with the token. */
    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(hub.base() + path))
                .header("Authorization", "Bearer " + hub.token().get());
    }

    <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> body) throws IOException {
        try {
            return http.send(request, body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** A failure to reach the hub, in words. */
    Failure unreachable(IOException e) {
        String why =
                e instanceof ConnectException
                        ? "no connection (does the hub run? another one: --url URL)"
                        : String.valueOf(e.getMessage());
        return new Failure(hub.base() + ": " + why);
    }

    /** A refusal of the hub, in its words (RFC 9457). */
    static Failure refused(int status, String body) {
        return new Failure("the hub answered " + status + ": " + detail(body));
    }

    private static String detail(String body) {
        try {
            JsonObject problem = new JsonObject(body);
            return problem.getString("detail", problem.getString("title", body));
        } catch (DecodeException | ClassCastException e) {
            return body.length() > 200 ? body.substring(0, 200) + "…" : body;
        }
    }

    /** A value as one segment of a path, or one value of a query. */
    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
