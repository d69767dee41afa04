package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.ChannelPattern;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * One open connection in a list.
 *
 * @param number its place in the order in which the hub's connections were opened
 * @param sinceMs when it was opened, in ms since 1970 UTC
 */
record SessionEntry(
        long number,
        long sinceMs,
        String id,
        Principal principal,
        List<ChannelPattern> channels,
        Session.State state) {
    JsonObject toJson() {
        JsonObject json = new JsonObject().put("id", id);
        if (principal.user() != null) {
            json.put("user", principal.user());
        }
        if (principal.jti() != null) {
            json.put("jti", principal.jti());
        }
        if (state.client() != null) {
            json.put("client", state.client());
        }
        json.put("transport", state.transport())
                .put("address", state.address())
                .put("since", sinceMs);
        if (principal.expiresAtMs() != Principal.NEVER) {
            json.put("expires", principal.expiresAtMs());
        }
        return json.put(
                        "channels",
                        new JsonArray(channels.stream().map(ChannelPattern::text).toList()))
                .put("cursor", state.cursor())
                .put("behind", state.behind());
    }
}
