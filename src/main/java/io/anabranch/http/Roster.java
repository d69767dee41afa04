package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.hub.Presence;
import io.anabranch.message.Channel;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Answers who is on a channel (protocol, sections 5 and 6). */
final class Roster {
    private Roster() {}

    /**
     * @return {@code {"count","users":[{"user","session","since"}]}}
     * @throws Refusal when {@code principal} may not see it, or nobody counts there
     */
    static JsonObject of(Presence presence, Principal principal, Channel channel) {
        Access.requirePresence(principal, channel);
        if (!presence.isKept(channel)) {
            throw new Refusal(
                    Reason.NOT_FOUND,
                    "channel: "
                            + channel
                            + " has no presence (expected: one with channels.*.presence: true)");
        }
        Presence.Snapshot snapshot = presence.snapshot(channel);
        JsonArray users = new JsonArray();
        for (Presence.Present present : snapshot.users()) {
            JsonObject user = new JsonObject();
            if (present.user() != null) {
                user.put("user", present.user());
            }
            users.add(user.put("session", present.session()).put("since", present.since()));
        }
        return new JsonObject().put("count", snapshot.count()).put("users", users);
    }
}
