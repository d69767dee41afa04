package io.anabranch.polyglot;

import io.anabranch.hub.Hub;
import io.anabranch.log.Appended;
import io.anabranch.log.Draft;
import io.anabranch.message.Channel;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.metrics.Refusals;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What verticles say to the hub over the event bus, in any language (protocol, section 8). They are
 * part of the hub, so no permission is asked for, unless they say by the header {@value #CALLER} on
 * whose behalf they speak.
 */
public final class BusContract {
    static final String PUBLISH = "anabranch.publish";
    static final String HISTORY = "anabranch.history";

    /** Who has called a service: its verticle may send it along. */
    public static final String CALLER = "anabranch.caller";

    private static final Logger LOG = LoggerFactory.getLogger(BusContract.class);

    private final Hub hub;
    private final Doors doors;
    private final Refusals refusals;

    /** Holds verticles to what those may on whose behalf they speak. */
    public interface Doors {
        /**
         * What is published of a draft, as whom.
         *
         * @param caller the header {@link #CALLER}; null where a verticle speaks for itself
         * @throws Refusal when the caller may not
         */
        Draft publish(Draft draft, @Nullable String caller);

        /**
         * Answers {@code {channel, after, before, limit}} with a page.
         *
         * @param caller the header {@link #CALLER}; null where a verticle speaks for itself
         */
        Future<JsonObject> history(JsonObject query, @Nullable String caller);
    }

    private BusContract(Hub hub, Doors doors, Refusals refusals) {
        this.hub = hub;
        this.doors = doors;
        this.refusals = refusals;
    }

    /**
     * Makes the hub answer on the bus of {@code vertx}.
     *
     * @param refusals counts what it refuses there
     */
    public static void register(Vertx vertx, Hub hub, Doors doors, Refusals refusals) {
        BusContract contract = new BusContract(hub, doors, refusals);
        vertx.eventBus().<Object>consumer(PUBLISH, contract::publish);
        vertx.eventBus().<Object>consumer(HISTORY, contract::history);
    }

    private void publish(Message<Object> request) {
        draft(request.body())
                .map(draft -> doors.publish(draft, request.headers().get(CALLER)))
                .compose(hub::publish)
                .map(Appended::id)
                .onSuccess(id -> request.reply(new JsonObject().put("id", id.toString())))
                .onFailure(failure -> refusePublish(request, failure));
    }

    private void history(Message<Object> request) {
        try {
            if (!(request.body() instanceof JsonObject query)) {
                throw Refusal.badValue("body", request.body(), "an object {channel, …}");
            }
            doors.history(query, request.headers().get(CALLER))
                    .onSuccess(request::reply)
                    .onFailure(failure -> refuse(request, refusal(failure)));
        } catch (RuntimeException e) {
            refuse(request, refusal(e));
        }
    }

    private void refusePublish(Message<Object> request, Throwable failure) {
        Refusal refusal = refusal(failure);
        refusals.publishRefused(refusal);
        refuse(request, refusal);
    }

    private void refuse(Message<Object> request, Refusal refusal) {
        refusals.refused(
                Refusals.Of.BUS, refusal, new Refusals.Asker(null, null, null, request.address()));
        request.fail(refusal.status(), refusal.explanation());
    }

    private static Refusal refusal(Throwable failure) {
        if (failure instanceof Refusal refusal) {
            return refusal;
        }
        LOG.error("a verticle's message failed", failure);
        return new Refusal(Refusal.Reason.INTERNAL, "the hub failed; its log says why");
    }

    private static Future<Draft> draft(Object body) {
        try {
            if (!(body instanceof JsonObject item)) {
                throw Refusal.badValue("body", body, "an object {channel, data, …}");
            }
            if (!item.containsKey("data")) {
                throw Refusal.badRequest("data: missing (expected: any JSON value)");
            }
            String event = item.getString("event");
            return Future.succeededFuture(
                    new Draft(
                            new Channel(String.valueOf(item.getString("channel"))),
                            event == null ? EventName.DEFAULT : event,
                            JsonValue.parse(Json.encode(item.getValue("data"))),
                            item.getString("user"),
                            item.getString("dedup")));
        } catch (Refusal refusal) {
            return Future.failedFuture(refusal);
        } catch (RuntimeException e) {
            return Future.failedFuture(Refusal.badRequest("body: " + e.getMessage()));
        }
    }
}
