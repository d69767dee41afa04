package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.auth.Tickets;
import io.anabranch.log.Appended;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code /api/v1}: publish, batch, history, services, tickets (protocol, section 6). */
final class RestRoutes {
    /** Where the interface is below what has all of the hub. */
    static final String API = "/api/v1";

    private static final String CHANNELS = "/channels/";
    private static final String OWN_CHANNELS = API + CHANNELS;
    private static final String MESSAGES = "/messages";
    private static final String PRESENCE = "/presence";
    private static final String SERVICES = "/services/";

    private final Node node;
    private final RestPath base;

    RestRoutes(Node node, RestPath base) {
        this.node = node;
        this.base = base;
    }

    void mount(Router router) {
        int limit = node.settings().maxDataBytes();
        Batch batch =
                new Batch(
                        node.publisher(),
                        node.credentials(),
                        limit,
                        node.settings().maxBatchItems());
        router.route(base.of("/*")).handler(this::authenticate);
        router.post(base.of(MESSAGES))
                .handler(context -> batch.handle(context, principal(context)));
        router.post(base.of("/tickets")).handler(this::ticket);
        onChannel(router, HttpMethod.POST, MESSAGES).handler(this::publish);
        onChannel(router, HttpMethod.GET, MESSAGES).handler(this::history);
        onChannel(router, HttpMethod.GET, PRESENCE).handler(this::presence);
        base.route(router, HttpMethod.POST, SERVICES, "service", "").handler(this::callService);
    }

    private Route onChannel(Router router, HttpMethod method, String suffix) {
        return base.route(router, method, CHANNELS, "channel", suffix);
    }

    private void authenticate(RoutingContext context) {
        HttpServerRequest request = context.request();
        // An application that hosts the hub may have read it.
        boolean isUnread = !request.isEnded();
        if (isUnread) {
            request.pause();
        }
        Runnable goOn = isUnread ? request::resume : () -> {};
        node.credentials()
                .of(context)
                .onSuccess(
                        principal -> {
                            context.put(Arrival.PRINCIPAL, principal);
                            goOn.run();
                            context.next();
                        })
                .onFailure(
                        failure -> {
                            goOn.run();
                            Problem.answer(context, failure);
                        });
    }

    static Principal principal(RoutingContext context) {
        return context.get(Arrival.PRINCIPAL);
    }

    private Channel channel(RoutingContext context, String suffix) {
        return new Channel(base.name(context, CHANNELS, suffix));
    }

    /** Whether something is published by a post to the path {@code uri} of the hub's own server. */
    static boolean isPublish(String uri) {
        return uri.length() > OWN_CHANNELS.length() + MESSAGES.length()
                && uri.startsWith(OWN_CHANNELS)
                && uri.endsWith(MESSAGES);
    }

    /** The channel in a path that {@link #isPublish}, as it was sent. */
    static String sentChannel(String uri) {
        return uri.substring(OWN_CHANNELS.length(), uri.length() - MESSAGES.length());
    }

    private void publish(RoutingContext context) {
        try {
            Channel channel = channel(context, MESSAGES);
            body(context)
                    .compose(body -> OnLoop.onLoop(append(context, channel, body)))
                    .onSuccess(
                            done -> {
                                answer(context, channel, done);
                                DirectPublish.takeOver(node, context.request());
                            })
                    .onFailure(failure -> Problem.answer(context, failure));
        } catch (Refusal refusal) {
            Problem.answer(context, refusal);
        }
    }

    private Future<ByteBuffer> body(RoutingContext context) {
        return RequestBody.whole(context, node.settings().maxDataBytes());
    }

    private Future<Appended> append(RoutingContext context, Channel channel, ByteBuffer body) {
        HttpServerRequest request = context.request();
        JsonValue data = data(request.getHeader("Content-Type"), body);
        return node.publisher()
                .publish(
                        new Publisher.Sender(principal(context), Arrival.address(context), null),
                        channel,
                        request.getParam("event"),
                        data,
                        request.getHeader("Idempotency-Key"));
    }

    private static void answer(RoutingContext context, Channel channel, Appended done) {
        answer(
                context,
                done.repeated() ? 200 : 201,
                new JsonObject().put("id", done.id().toString()).put("channel", channel.name()));
    }

    /**
     * The data of a message from its body.
     *
     * @throws Refusal for a type that is none of data's, or a body that is not of its type
     */
    static JsonValue data(@Nullable String contentType, ByteBuffer body) {
        return switch (mediaType(contentType)) {
            case "application/json" -> JsonValue.parse(body);
            case "text/plain" -> JsonValue.ofText(utf8(body));
            default -> throw unsupported(contentType, "application/json or text/plain");
        };
    }

    private static Refusal unsupported(@Nullable String contentType, String expected) {
        return new Refusal(
                Reason.UNSUPPORTED_MEDIA_TYPE,
                "Content-Type: "
                        + Refusal.shown(contentType == null ? "" : contentType)
                        + " (expected: "
                        + expected
                        + ")");
    }

    /** A media type without its parameters, in lower case; empty for none. */
    static String mediaType(@Nullable String contentType) {
        if (contentType == null) {
            return "";
        }
        int semicolon = contentType.indexOf(';');
        String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
        return type.trim().toLowerCase(Locale.ROOT);
    }

    private static String utf8(ByteBuffer text) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw Refusal.badRequest("body: not UTF-8 (expected: text in UTF-8)");
        }
    }

    private void history(RoutingContext context) {
        Future<JsonObject> page;
        try {
            Channel channel = channel(context, MESSAGES);
            page =
                    History.read(
                            node.hub(),
                            principal(context),
                            channel,
                            context.request().params(),
                            node.settings().maxHistory());
        } catch (Refusal refusal) {
            page = Future.failedFuture(refusal);
        }
        page.onSuccess(json -> answer(context, 200, json))
                .onFailure(failure -> Problem.answer(context, failure));
    }

    private void presence(RoutingContext context) {
        try {
            Channel channel = channel(context, PRESENCE);
            answer(context, 200, Roster.of(node.presence(), principal(context), channel));
        } catch (Refusal refusal) {
            Problem.answer(context, refusal);
        }
    }

    private void callService(RoutingContext context) {
        try {
            String service = base.name(context, SERVICES, "");
            String contentType = context.request().getHeader("Content-Type");
            body(context)
                    .map(body -> question(contentType, body))
                    .compose(data -> node.services().call(principal(context), service, data, null))
                    .onSuccess(json -> answer(context, 200, json))
                    .onFailure(failure -> Problem.answer(context, failure));
        } catch (Refusal refusal) {
            Problem.answer(context, refusal);
        }
    }

    /** A call's data, which may be left out. */
    private static @Nullable JsonValue question(@Nullable String contentType, ByteBuffer body) {
        if (!body.hasRemaining()) {
            return null;
        }
        requireJson(contentType);
        return JsonValue.parse(body);
    }

    /**
     * @throws Refusal {@code unsupported_media_type} for any other type
     */
    static void requireJson(@Nullable String contentType) {
        if (!mediaType(contentType).equals("application/json")) {
            throw unsupported(contentType, "application/json");
        }
    }

    private void ticket(RoutingContext context) {
        Principal principal = principal(context);
        if (principal.isAnonymous()) {
            Problem.answer(
                    context,
                    new Refusal(Reason.UNAUTHORIZED, "no token (expected: Authorization: Bearer)"));
            return;
        }
        OnLoop.onLoop(node.credentials().tickets().issue(principal))
                .map(
                        ticket ->
                                new JsonObject()
                                        .put("ticket", ticket)
                                        .put("expiresIn", Tickets.LIFETIME_MS / 1_000))
                .onSuccess(json -> answer(context, 201, json))
                .onFailure(failure -> Problem.answer(context, failure));
    }

    static void answer(RoutingContext context, int status, JsonObject json) {
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .end(json.toBuffer());
    }
}
