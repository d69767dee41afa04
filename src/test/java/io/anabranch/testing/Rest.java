package io.anabranch.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.function.Function;

/** A REST client of the JDK's, in short. */
public final class Rest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Function<String, URI> uris;
    private final String token;

    /**
     * @param token empty to send none
     */
    public Rest(TestHub hub, String token) {
        this(hub::uri, token);
    }

    /**
     * @param uris of paths with their queries
     * @param token empty to send none
     */
    public Rest(Function<String, URI> uris, String token) {
        this.uris = uris;
        this.token = token;
    }

    /** Publishes JSON, which must be accepted, and gives its id. */
    public String publish(String channel, String json) throws Exception {
        HttpResponse<String> response = post(channel, "application/json", json);
        if (response.statusCode() != 201) {
            throw new AssertionError(response.statusCode() + ": " + response.body());
        }
        return new JsonObject(response.body()).getString("id");
    }

    public HttpResponse<String> post(String channel, String type, String body, String... headers)
            throws Exception {
        return send("/api/v1/channels/" + channel + "/messages", type, body, headers);
    }

    public HttpResponse<String> send(String path, String type, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request = request(path, headers).POST(BodyPublishers.ofString(body));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> get(String path, String... headers) throws Exception {
        return CLIENT.send(request(path, headers).GET().build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> delete(String path, String... headers) throws Exception {
        return CLIENT.send(request(path, headers).DELETE().build(), BodyHandlers.ofString());
    }

    public JsonArray history(String channel, String query) throws Exception {
        HttpResponse<String> response = get("/api/v1/channels/" + channel + "/messages?" + query);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + ": " + response.body());
        }
        return new JsonObject(response.body()).getJsonArray("messages");
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uris.apply(path));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request;
    }
}
