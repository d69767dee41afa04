package io.anabranch.mercure;

import io.anabranch.adapter.Door;
import io.anabranch.auth.VerifiedToken;
import io.anabranch.message.Cursor;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.stream.Update;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.stream.Stream;

/** {@code GET /.well-known/mercure/subscriptions…} (Mercure, section "Subscription API"). */
final class SubscriptionHandler implements Handler<RoutingContext> {
    private static final String CONTEXT = "https://mercure.rocks/";

    private final Door door;
    private final String cookie;
    private final SubscriptionList here;

    SubscriptionHandler(Door door, String cookie, SubscriptionList here) {
        this.door = door;
        this.cookie = cookie;
        this.here = here;
    }

    @Override
    public void handle(RoutingContext context) {
        String path = context.request().path();
        door.identify(context, cookie)
                .compose(token -> subscriptions(path, token))
                .map(all -> answer(path, all))
                .onSuccess(
                        answer ->
                                context.response()
                                        .putHeader("Content-Type", "application/ld+json")
                                        .putHeader("Cache-Control", "no-store")
                                        .end(answer.toBuffer()))
                .onFailure(failure -> door.refuse(context, failure));
    }

    private Future<List<JsonObject>> subscriptions(String path, VerifiedToken token) {
        if (!Claim.of(token.claims()).maySubscribe(path)) {
            throw new Refusal(
                    token.principal().isAnonymous() ? Reason.UNAUTHORIZED : Reason.FORBIDDEN,
                    "no subscribe permission for "
                            + Refusal.shown(path)
                            + " (expected: the token's claim mercure.subscribe)");
        }
        return door.askOthers(Mercure.SUBSCRIPTIONS)
                .map(
                        others ->
                                Stream.concat(here.active(), others.stream().flatMap(List::stream))
                                        .toList());
    }

    private JsonObject answer(String path, List<JsonObject> all) {
        String below = path.equals(SubscriptionList.PATH) ? path : path + "/";
        boolean isOne = path.substring(SubscriptionList.PATH.length()).split("/").length == 3;
        if (!isOne) {
            List<JsonObject> some =
                    all.stream().filter(it -> it.getString("id").startsWith(below)).toList();
            return document(
                            new JsonObject()
                                    .put("id", path)
                                    .put("type", "Subscriptions")
                                    .put("subscriptions", new JsonArray(some)))
                    .put("lastEventID", lastEventId());
        }
        return all.stream()
                .filter(it -> it.getString("id").equals(path))
                .findFirst()
                .map(it -> document(it).put("lastEventID", lastEventId()))
                .orElseThrow(
                        () ->
                                new Refusal(
                                        Reason.NOT_FOUND,
                                        "no such subscription: " + Refusal.shown(path)));
    }

    /** JSON-LD that stands alone. */
    static JsonObject document(JsonObject node) {
        return new JsonObject().put("@context", CONTEXT).mergeIn(node);
    }

    private String lastEventId() {
        MessageId head = door.hub().head();
        return head.seq() == 0 ? Cursor.EARLIEST : Update.eventId(head);
    }
}
