package io.anabranch.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The hub's REST interface, as far as a client needs it, and HTTP's refusals. */
final class Rest {
    private static final int MOST_CONNECTIONS = 1_000;

    private final HttpClient http;
    private final URI base;
    private final TokenSource tokens;

    Rest(HttpClient http, URI base, TokenSource tokens) {
        this.http = http;
        this.base = base;
        this.tokens = tokens;
    }

    /** For requests and streams, each of which has a connection of its own for its time. */
    static HttpClient client(Vertx vertx) {
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(MOST_CONNECTIONS);
        return vertx.createHttpClient(new HttpClientOptions(), pool);
    }

    /** Does what a frame of that type would do. */
    Future<JsonObject> request(String op, JsonObject args) {
        JsonObject query = new JsonObject();
        RequestOptions options = new RequestOptions().setMethod(HttpMethod.POST);
        String path;
        if (op.equals("publish")) {
            path = "channels/" + encode(args.getString("channel")) + "/messages";
            query.put("event", args.getValue("event"));
            options.putHeader("Idempotency-Key", args.getString("dedup"));
        } else if (op.equals("call")) {
            path = "services/" + encode(args.getString("service"));
        } else {
            query = args.copy();
            options.setMethod(HttpMethod.GET);
            String what = op.equals("history") ? "/messages" : "/presence";
            path = "channels/" + encode((String) query.remove("channel")) + what;
        }
        options.setAbsoluteURI(base + "api/v1/" + path + encode(query));
        boolean posts = options.getMethod() == HttpMethod.POST;
        Buffer body = posts ? Json.encodeToBuffer(args.getValue("data")) : Buffer.buffer();
        if (posts) {
            options.putHeader("Content-Type", "application/json");
        }
        return send(options, body);
    }

    /** Asks once more with a new token when the hub refuses the one there is. */
    private Future<JsonObject> send(RequestOptions options, Buffer body) {
        return tokens.get()
                .compose(
                        token ->
                                exchange(authorized(options, token), body)
                                        .onSuccess(unused -> tokens.accepted())
                                        .recover(
                                                failure ->
                                                        isWorthAnother(failure, token)
                                                                ? send(options, body)
                                                                : Future.failedFuture(failure)));
    }

    private boolean isWorthAnother(Throwable failure, @Nullable String token) {
        return failure instanceof HubException refused
                && refused.status() == 401
                && tokens.refused(token);
    }

    private Future<JsonObject> exchange(RequestOptions options, Buffer body) {
        return http.request(options)
                .compose(request -> request.send(body))
                .compose(
                        response ->
                                response.statusCode() < 300
                                        ? response.body().map(Buffer::toJsonObject)
                                        : problem(response).compose(Future::failedFuture))
                .timeout(Timing.REQUEST_WITHIN, TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(HubException.of(failure)));
    }

    static RequestOptions authorized(RequestOptions options, @Nullable String token) {
        if (token != null) {
            options.putHeader("Authorization", "Bearer " + token);
        }
        return options;
    }

    /** RFC 9457, or whatever a proxy answered in the hub's place (code {@code http}). */
    static Future<HubException> problem(HttpClientResponse response) {
        long wait = retryAfterMs(response.getHeader("Retry-After"));
        return response.body()
                .map(
                        body -> {
                            JsonObject problem;
                            try {
                                problem = body.toJsonObject();
                            } catch (DecodeException | ClassCastException e) {
                                problem = new JsonObject();
                            }
                            return HubException.refusal(response.statusCode(), problem, wait);
                        });
    }

    /** RFC 9110 §10.2.3: seconds or a date; here ms. */
    static long retryAfterMs(@Nullable String value) {
        if (value == null) {
            return 0;
        }
        try {
            if (value.chars().allMatch(Character::isDigit)) {
                return Long.parseLong(value) * 1_000;
            }
            var at = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
            return Math.max(0, Duration.between(Instant.now(), at).toMillis());
        } catch (DateTimeParseException | NumberFormatException e) {
            return 0;
        }
    }

    private static String encode(JsonObject query) {
        String fields =
                query.stream()
                        .filter(each -> each.getValue() != null)
                        .map(each -> each.getKey() + "=" + encode(each.getValue().toString()))
                        .collect(Collectors.joining("&"));
        return fields.isEmpty() ? "" : "?" + fields;
    }

    static String encode(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }
}
