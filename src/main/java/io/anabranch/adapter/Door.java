package io.anabranch.adapter;

import io.anabranch.auth.Principal;
import io.anabranch.auth.VerifiedToken;
import io.anabranch.hub.Hub;
import io.anabranch.log.Appended;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way into the hub for one protocol, on one event loop: what comes through it is authenticated,
 * limited, counted and ended like what comes by the hub's own routes. Its futures complete on the
 * caller's event loop, and fail with a {@link io.anabranch.message.Refusal}.
 */
public interface Door {
    /**
     * Who asks, by the bearer token or a cookie; somebody anonymous where neither is shown. Fails
     * with {@code unauthorized} for a token that is no good, and {@code bad_request} for one in the
     * URL, which ends in logs.
     *
     * @param cookie the name of the cookie that may carry a token
     */
    Future<VerifiedToken> identify(RoutingContext context, String cookie);

    /**
     * Publishes as {@code principal}, whose permissions and rates count.
     *
     * @param event null for the default
     */
    Future<Appended> publish(
            RoutingContext context,
            Principal principal,
            Channel channel,
            @Nullable String event,
            JsonValue data);

    /**
     * Answers with an event stream. Whether {@code principal} may have it is the caller's to know;
     * the limits of connections are not. Fails where the stream did not begin.
     */
    Future<Void> stream(RoutingContext context, Principal principal, StreamRequest request);

    /** Answers a failure as the hub does, and has it counted. */
    void refuse(RoutingContext context, Throwable failure);

    /** The same future, but completed on the caller's event loop: for what the log answers. */
    <T> Future<T> onLoop(Future<T> future);

    /** Asks every other hub that shares the log; see {@code Peers}. */
    Future<List<List<JsonObject>>> askOthers(String topic);

    /** To read the log, and to publish what is the hub's own. */
    Hub hub();

    /** How many channels and patterns one connection may subscribe to. */
    int maxChannels();

    /** How large a message's data may be, in bytes. */
    int maxDataBytes();
}
