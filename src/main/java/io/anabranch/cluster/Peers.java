package io.anabranch.cluster;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The other hubs that share this one's log. Safe for use by any thread; futures complete on a
 * thread of the cluster's.
 */
public interface Peers {
    /** How long an answer to {@link #askAll} may take, in ms. */
    long ASK_MS = 2_000;

    /**
     * Asks every other hub, and gives what each answers. Fails with {@code unavailable} when one
     * that counts as alive does not answer: half an answer would be a wrong one.
     */
    Future<List<List<JsonObject>>> askAll(String topic, JsonObject question);

    /**
     * Asks one hub after the other, in any order, until one answers with something; empty when none
     * does. Fails as that hub does, or with {@code unavailable} when one takes too long: it may
     * have done what was asked.
     *
     * @param timeoutMs for all of it, in ms
     */
    Future<List<JsonObject>> askAny(String topic, JsonObject question, long timeoutMs);

    /** Answers what others ask, from now on. */
    void answer(String topic, Responder responder);

    /** Called on a thread of the cluster's; must not wait. */
    interface Responder {
        /** A {@link io.anabranch.message.Refusal} is passed on to who asks. */
        Future<List<JsonObject>> answer(JsonObject question);
    }

    /** Where there are no others. */
    static Peers none() {
        return new Peers() {
            @Override
            public Future<List<List<JsonObject>>> askAll(String topic, JsonObject question) {
                return Future.succeededFuture(List.of());
            }

            @Override
            public Future<List<JsonObject>> askAny(
                    String topic, JsonObject question, long timeoutMs) {
                return Future.succeededFuture(List.of());
            }

            @Override
            public void answer(String topic, Responder responder) {}
        };
    }
}
