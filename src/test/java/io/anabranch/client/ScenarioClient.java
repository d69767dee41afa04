package io.anabranch.client;

import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletableFuture;

/**
 * The client of one {@link Scenario}, in a process with others.
 *
 * @param name of the scenario
 */
record ScenarioClient(ClientProcess process, String name) {
    /** Does not wait for the answer, which may be an error. */
    CompletableFuture<JsonObject> send(String what, JsonObject details) throws Exception {
        return process.ask(details.copy().put("do", what).put("hub", name));
    }

    JsonObject ask(String what, JsonObject details) throws Exception {
        return ClientProcess.ok(send(what, details));
    }

    JsonObject ask(String what) throws Exception {
        return ask(what, new JsonObject());
    }

    /** How the client is now. */
    JsonObject look() throws Exception {
        return ask("look");
    }

    /** How a subscription is now. */
    JsonObject look(String sub) throws Exception {
        return ask("look", new JsonObject().put("sub", sub));
    }

    ClientLog log() {
        return process.log(name);
    }
}
