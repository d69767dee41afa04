package io.anabranch.adapter;

import io.anabranch.auth.Principal;
import io.anabranch.auth.VerifiedToken;
import io.anabranch.hub.Hub;
import io.anabranch.log.Appended;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.stream.Sink;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Consumer;
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

    /** Who asks, as on the hub's own routes: by bearer token, ticket or cookie. */
    Future<Principal> identify(RoutingContext context);

    /** Whom a token stands for. */
    Future<Principal> identify(String token);

    /**
     * Takes on a connection that reads and writes, as far as the limits of connections allow.
     *
     * @param sink where deliveries go; whoever owns it says when it takes more
     * @param onEnd called once when the hub ends the connection, to close it for the reason given
     * @throws io.anabranch.message.Refusal {@code too_many_requests}, with the limit
     */
    Connection connect(
            RoutingContext context, Principal principal, Sink sink, Consumer<String> onEnd);

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

    /** What to tell of a failure on a connection, which has it counted. */
    Refusal refused(RoutingContext context, Throwable failure);

    /** The same future, but completed on the caller's event loop: for what the log answers. */
    <T> Future<T> onLoop(Future<T> future);

    /** Asks every other hub that shares the log; see {@code Peers}. */
    Future<List<List<JsonObject>>> askOthers(String topic);

    /** To read the log, and to publish what is the hub's own. */
    Hub hub();

    /** How many channels and patterns one connection may subscribe to. */
    int maxChannels();

    /** How large what a client sends at once may be, in bytes. */
    int maxFrameBytes();

    /** How large a message's data may be, in bytes. */
    int maxDataBytes();
}
