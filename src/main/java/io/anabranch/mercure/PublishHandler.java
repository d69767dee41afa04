package io.anabranch.mercure;

import io.anabranch.adapter.Door;
import io.anabranch.auth.Permissions;
import io.anabranch.auth.Principal;
import io.anabranch.auth.VerifiedToken;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.stream.Update;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code POST /.well-known/mercure} (Mercure, section "Publication"). */
final class PublishHandler implements Handler<RoutingContext> {
    private static final String FORM = "application/x-www-form-urlencoded";

    /** Of one byte of data in a form. */
    private static final int MOST_ESCAPED = 3;

    /** What a form may have beside its data, in bytes. */
    private static final int OTHER_BYTES = 16 * 1024;

    private final Door door;
    private final String cookie;

    PublishHandler(Door door, String cookie) {
        this.door = door;
        this.cookie = cookie;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        request.pause();
        door.identify(context, cookie)
                .compose(token -> body(request).map(body -> publishing(token, body)))
                .compose(publishing -> publish(context, publishing))
                .onSuccess(
                        id ->
                                context.response()
                                        .putHeader("Content-Type", "text/plain; charset=utf-8")
                                        .putHeader("Cache-Control", "no-store")
                                        .end(id))
                .onFailure(
                        failure -> {
                            if (!request.isEnded()) {
                                request.resume();
                            }
                            door.refuse(context, failure);
                        });
    }

    private Future<Buffer> body(HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        if (type == null || !type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT).equals(FORM)) {
            return Future.failedFuture(
                    new Refusal(
                            Reason.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Type: " + Refusal.shown(type) + " (expected: " + FORM + ")"));
        }
        // Not Vert.x's own reading of forms: of that the whole server has one limit, 8 KiB a field.
        int most = MOST_ESCAPED * door.maxDataBytes() + OTHER_BYTES;
        Promise<Buffer> read = Promise.promise();
        Buffer body = Buffer.buffer();
        request.exceptionHandler(read::tryFail);
        request.endHandler(unused -> read.tryComplete(body));
        request.handler(
                part -> {
                    if (body.length() + part.length() <= most) {
                        body.appendBuffer(part);
                    } else {
                        read.tryFail(
                                Refusal.overLimit(
                                        Reason.TOO_LARGE, Limit.MESSAGE, "body: too large", most));
                    }
                });
        request.resume();
        return read.future();
    }

    private record Publishing(Principal principal, UpdateForm form) {}

    /** Every topic must be allowed, or nothing is published. */
    private Publishing publishing(VerifiedToken token, Buffer body) {
        UpdateForm form = UpdateForm.parse(body, door.maxChannels());
        Claim claim = Claim.of(token.claims());
        Principal principal = token.principal();
        List<ChannelPattern> channels = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String topic : form.topics()) {
            Channel channel = Topics.channel(topic, form.isPrivate());
            channels.add(ChannelPattern.of(channel));
            if (!claim.mayPublish(topic) && !principal.permissions().mayPublish(channel)) {
                missing.add(topic);
            }
        }
        if (!missing.isEmpty()) {
            throw new Refusal(
                    principal.isAnonymous() ? Reason.UNAUTHORIZED : Reason.FORBIDDEN,
                    "no publish permission for "
                            + String.join(", ", missing)
                            + " (expected: the token's claim mercure.publish, an array of topic"
                            + " selectors)",
                    missing);
        }
        return new Publishing(allowed(principal, channels), form);
    }

    /** Whom the claim allows what the hub's permissions are then asked for. */
    private static Principal allowed(Principal principal, List<ChannelPattern> channels) {
        return new Principal(
                principal.user(),
                new Permissions(List.of(), channels, List.of(), List.of(), false),
                principal.expiresAtMs(),
                principal.issuedAtMs(),
                principal.jti());
    }

    /** Gives the update's id. */
    private Future<String> publish(RoutingContext context, Publishing publishing) {
        UpdateForm form = publishing.form();
        Update update = form.update();
        JsonValue data = update.toData();
        Future<String> id = Future.succeededFuture("");
        for (String topic : form.topics()) {
            Channel channel = Topics.channel(topic, form.isPrivate());
            id =
                    id.compose(
                                    unused ->
                                            door.publish(
                                                    context,
                                                    publishing.principal(),
                                                    channel,
                                                    form.type(),
                                                    data))
                            .map(appended -> Update.eventId(appended.id()));
        }
        return id.map(last -> update.id().orElse(last));
    }
}
