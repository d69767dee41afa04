package io.anabranch.http;

import io.anabranch.auth.Grants;
import io.anabranch.auth.Principal;
import io.anabranch.hub.Hub;
import io.anabranch.log.Draft;
import io.anabranch.message.Refusal;
import io.anabranch.polyglot.BusContract;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds verticles to the permissions of clients on whose behalf they speak, while these last. */
final class BusCallers implements BusContract.Doors {
    /** One that speaks for itself may read every channel. */
    private static final Principal VERTICLE =
            new Principal(
                    null,
                    new Grants(List.of("*"), List.of(), List.of(), List.of(), false).of(null),
                    0,
                    0,
                    null);

    private final Hub hub;
    private final Credentials credentials;
    private final int maxHistory;

    /**
     * @param maxHistory messages of a page
     */
    BusCallers(Hub hub, Credentials credentials, int maxHistory) {
        this.hub = hub;
        this.credentials = credentials;
        this.maxHistory = maxHistory;
    }

    /** The caller's, whomever the verticle names as its user. */
    @Override
    public Draft publish(Draft draft, @Nullable String caller) {
        if (caller == null) {
            return draft;
        }
        Principal principal = principal(caller);
        Access.requirePublish(principal, draft.channel());
        return new Draft(
                draft.channel(), draft.event(), draft.data(), principal.user(), draft.dedup());
    }

    @Override
    public Future<JsonObject> history(JsonObject query, @Nullable String caller) {
        Principal principal = caller == null ? VERTICLE : principal(caller);
        return History.read(hub, principal, query, maxHistory);
    }

    private Principal principal(String caller) {
        Principal principal;
        try {
            principal = Principal.fromJson(new JsonObject(caller));
        } catch (RuntimeException e) {
            throw Refusal.badValue(
                    BusContract.CALLER, caller, "the header as the service's request had it");
        }
        credentials.requireStillGood(principal);
        return principal;
    }
}
