package io.anabranch.auth;

import io.vertx.core.json.JsonObject;

/**
 * A token that is good, or none.
 *
 * @param claims all that it claims, for protocols with claims of their own; empty for no token
 */
public record VerifiedToken(Principal principal, JsonObject claims) {}
