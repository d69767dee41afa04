package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.cluster.Peers;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.metrics.Metric;
import io.anabranch.metrics.Metrics;
import io.anabranch.polyglot.BusContract;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.EncodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one door to the verticles that answer clients (protocol, section 8): grammar, permission,
 * size, whatever the transport was.
 */
final class Services {
    private static final Logger LOG = LoggerFactory.getLogger(Services.class);
    private static final String ADDRESS = "service.";

    /** What hubs ask each other. */
    private static final String TOPIC = "call";

    /** How much longer a hub waits than the one that it asks, whose answer says more, in ms. */
    private static final long LONGER_MS = 1_000;

    private final Vertx vertx;
    private final long timeoutMs;
    private final int maxDataBytes;
    private final Peers peers;
    private final Metrics metrics;

    /**
     * @param timeoutMs how long a service may take to answer, in ms
     * @param maxDataBytes how large a call's {@code data} may be, in bytes
     */
    Services(Vertx vertx, long timeoutMs, int maxDataBytes, Peers peers, Metrics metrics) {
        this.vertx = vertx;
        this.timeoutMs = timeoutMs;
        this.maxDataBytes = maxDataBytes;
        this.peers = peers;
        this.metrics = metrics;
        peers.answer(TOPIC, this::answerPeer);
    }

    /**
     * Asks the verticle behind {@code service.<name>}, of this hub or else of another one, and
     * gives its answer as {@code {"data"}}. Fails with the status and message that the service
     * failed with, {@code not_found} where there is none, {@code unavailable} where it is silent.
     * Completes on the caller's event loop.
     *
     * @param data null for none, which the service gets as JSON's null
     * @param session the WebSocket that asks; null for REST
     */
    Future<JsonObject> call(
            Principal principal, String name, @Nullable JsonValue data, @Nullable String session) {
        try {
            if (!Channel.isValid(name)) {
                throw Refusal.badValue("service", name, Channel.GRAMMAR);
            }
            Access.requireCall(principal, name);
            JsonObject question = question(data, principal.user(), session);
            String caller = principal.toJson().encode();
            return callHere(name, question, caller)
                    .recover(
                            failure ->
                                    isNobody(failure)
                                            ? OnLoop.onLoop(callElsewhere(name, question, caller))
                                            : Future.failedFuture(failure))
                    .recover(failure -> Future.failedFuture(refusal(name, failure)))
                    .onComplete(this::count);
        } catch (Refusal refusal) {
            return Future.failedFuture(refusal);
        }
    }

    /**
     * @param caller for the verticle to send along where it speaks on behalf of the client
     */
    private Future<JsonObject> callHere(String name, JsonObject question, String caller) {
        DeliveryOptions options =
                new DeliveryOptions()
                        .setSendTimeout(timeoutMs)
                        .addHeader(BusContract.CALLER, caller);
        return vertx.eventBus()
                .<Object>request(ADDRESS + name, question, options)
                .map(reply -> answer(name, reply));
    }

    private static boolean isNobody(Throwable failure) {
        return failure instanceof ReplyException reply
                && reply.failureType() == ReplyFailure.NO_HANDLERS;
    }

    private Future<JsonObject> callElsewhere(String name, JsonObject question, String caller) {
        JsonObject call =
                new JsonObject()
                        .put("service", name)
                        .put("question", question)
                        .put("caller", caller);
        return peers.askAny(TOPIC, call, timeoutMs + LONGER_MS)
                .map(
                        answer -> {
                            if (answer.isEmpty()) {
                                throw nobody(name);
                            }
                            return answer.get(0);
                        });
    }

    /**
     * Calls a verticle for another hub, which has found out who may: no answer where there is none.
     */
    private Future<List<JsonObject>> answerPeer(JsonObject call) {
        String name = call.getString("service");
        return callHere(name, call.getJsonObject("question"), call.getString("caller"))
                .map(List::of)
                .recover(
                        failure ->
                                isNobody(failure)
                                        ? Future.succeededFuture(List.of())
                                        : Future.failedFuture(refusal(name, failure)));
    }

    private static Refusal nobody(String name) {
        return new Refusal(
                Reason.NOT_FOUND,
                "service: " + Refusal.shown(name) + " (expected: one that a verticle answers)");
    }

    private void count(AsyncResult<JsonObject> answer) {
        int status = 200;
        if (answer.failed()) {
            status = answer.cause() instanceof Refusal refusal ? refusal.status() : 500;
        }
        metrics.counter(Metric.CALLS, Integer.toString(status)).increment();
    }

    private JsonObject question(
            @Nullable JsonValue data, @Nullable String user, @Nullable String session) {
        JsonObject question = new JsonObject().put("data", data == null ? null : decoded(data));
        if (user != null) {
            question.put("user", user);
        }
        return session == null ? question : question.put("session", session);
    }

    private @Nullable Object decoded(JsonValue data) {
        Values.requireAtMost(maxDataBytes, data);
        try {
            return Json.decodeValue(data.toString());
        } catch (DecodeException e) {
            throw Refusal.badRequest("data: " + e.getMessage());
        }
    }

    /** Written out once, so that what cannot be is this service's failure and no transport's. */
    private static JsonObject answer(String name, Message<Object> reply) {
        JsonObject answer = new JsonObject().put("data", reply.body());
        try {
            String unused = answer.encode();
            return answer;
        } catch (EncodeException e) {
            String type = reply.body().getClass().getName();
            LOG.error("service {} answered a {}, which is no JSON: {}", name, type, e.getMessage());
            throw new Refusal(
                    Reason.INTERNAL, "service " + name + ": its answer is no JSON; see the log");
        }
    }

    private Throwable refusal(String name, Throwable failure) {
        if (!(failure instanceof ReplyException reply)) {
            return failure;
        }
        return switch (reply.failureType()) {
            case NO_HANDLERS -> nobody(name);
            case TIMEOUT ->
                    new Refusal(
                            Reason.UNAVAILABLE,
                            "service "
                                    + name
                                    + ": no answer in "
                                    + timeoutMs
                                    + " ms (services.timeout)");
            case RECIPIENT_FAILURE -> ofService(name, reply);
            case ERROR -> failure;
        };
    }

    private static Refusal ofService(String name, ReplyException failure) {
        int code = failure.failureCode();
        String text = failure.getMessage();
        return Refusal.ofStatus(
                code >= 400 && code <= 599 ? code : Reason.UNPROCESSABLE.status(),
                text == null || text.isEmpty() ? "service " + name + ": failed" : text);
    }
}
