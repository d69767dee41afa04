package io.anabranch;

import io.anabranch.auth.Principal;
import io.anabranch.http.HubCore;
import io.anabranch.hub.Presence;
import io.anabranch.log.Appended;
import io.anabranch.log.Draft;
import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.stream.Start;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A hub as a part of another Vert.x application: it publishes, subscribes and reads for that, and
 * serves clients by the routes of whichever HTTP servers it is mounted in.
 *
 * <pre>{@code
 * Anabranch.create(vertx, new AnabranchOptions().login(ctx -> …)).onSuccess(hub ->
 *         router.route("/hub/*").subRouter(hub.router()));
 * }</pre>
 *
 * <p><b>Threads.</b> Everything here may be called by any thread. The handlers and routers may be
 * shared by any number of routers, servers and verticle instances, on as many event loops: a
 * connection stays on the loop that accepted it, and each loop has one fan-out, made when its first
 * reader comes. Servers must be on event loops: a worker or virtual thread is answered 500. Futures
 * complete on the context of the caller where that is Vert.x's, else on any thread.
 *
 * <p>One hub a {@code Vertx}: it answers {@code anabranch.publish} and {@code anabranch.history} on
 * the event bus, and calls {@code service.<name>} there.
 */
public final class Anabranch {
    private final Vertx vertx;
    private final String deployment;
    private final HubCore core;

    private Anabranch(Vertx vertx, String deployment, HubCore core) {
        this.vertx = vertx;
        this.deployment = deployment;
        this.core = core;
    }

    /**
     * Opens a hub, which ends with {@code vertx} at the latest. Fails with a {@link
     * io.anabranch.config.ConfigException} that names every option that is wrong, or with a {@link
     * Refusal} when its log cannot be opened; then nothing is left open.
     */
    public static Future<Anabranch> create(Vertx vertx, AnabranchOptions options) {
        HubVerticle verticle = new HubVerticle(options);
        return vertx.deployVerticle(verticle)
                .map(deployment -> new Anabranch(vertx, deployment, verticle.core()));
    }

    /**
     * All that clients use, to be mounted below any path: {@code
     * router.route("/hub/*").subRouter(hub.router())} serves {@code /hub/sse}, {@code /hub/ws},
     * {@code /hub/api/v1/…}, {@code /hub/anabranch.js}, {@code /hub/openapi.yaml} and {@code
     * /hub/health/…}, and {@code connect('https://…/hub')} finds them.
     */
    public Router router() {
        return core.router();
    }

    /**
     * Event streams alone: {@code router.get("/sse").handler(hub.sse())}. On a path, whichever; not
     * on a regular expression.
     */
    public Handler<RoutingContext> sse() {
        return core.sse()::handleContext;
    }

    /**
     * WebSockets alone: {@code router.get("/ws").handler(hub.webSocket())}. On a path, whichever;
     * not on a regular expression.
     */
    public Handler<RoutingContext> webSocket() {
        return core.webSocket()::handleContext;
    }

    /**
     * The REST interface alone: {@code router.route("/api/v1/*").handler(hub.rest())}. On a path
     * that ends with {@code *}, below which are {@code channels}, {@code messages} and the others.
     */
    public Handler<RoutingContext> rest() {
        return core.rest()::handleContext;
    }

    /**
     * Publishes as nobody in particular, without asking for a permission. See {@link
     * #publish(Draft)}.
     *
     * @param data what JSON has: text, number, true or false, {@code JsonObject}, {@code
     *     JsonArray}, map, list, or null
     * @throws Refusal {@code bad_request} for what is no channel's name, or no JSON
     */
    public Future<Appended> publish(String channel, @Nullable Object data) {
        JsonValue json = JsonValue.parse(Json.encode(data));
        return publish(new Draft(new Channel(channel), EventName.DEFAULT, json, null, null));
    }

    /**
     * Publishes, without asking for a permission. Completes when the log has the message as durably
     * as its channel promises; fails with a {@link Refusal} when it does not take it, or who is
     * asked {@code before} does not.
     */
    public Future<Appended> publish(Draft draft) {
        return core.publish(draft);
    }

    /**
     * Reads the channels of a pattern from {@code start}, and goes on with what comes, each message
     * once and in order, on the caller's context (a new event loop's, where that is none). It holds
     * no more than {@value Subscription#MOST_WAITING} messages for a handler that is slower than
     * they come, and reads the others from the log later.
     *
     * @param pattern {@code chat:lobby}, {@code ticker:*}
     * @param onGap told of what the log did not hold any more, before the message that follows
     * @throws Refusal {@code bad_request} for what is no pattern
     */
    public Subscription subscribe(
            String pattern, Start start, Handler<Message> onMessage, Handler<Gap> onGap) {
        Subscription subscription =
                new Subscription(
                        core.hub(),
                        vertx.getOrCreateContext(),
                        new ChannelPattern(pattern),
                        start,
                        onMessage,
                        onGap);
        subscription.begin();
        return subscription;
    }

    /**
     * A page of a channel's past, oldest first, after a cursor; {@link Page#more} says whether to
     * read on after {@link Page#cursor}, {@link Page#gaps} what is lost between.
     *
     * @param limit how many messages at most, 1 or more; a page ends with 4 MiB, too
     */
    public Future<Page> history(String channel, Cursor after, int limit) {
        return core.read(query(channel, after, 0, limit));
    }

    /**
     * The newest messages of a channel, oldest first.
     *
     * @param limit how many at most, 1 or more
     */
    public Future<List<Message>> last(String channel, int limit) {
        return core.read(query(channel, new Cursor.Earliest(), limit, limit)).map(Page::messages);
    }

    private static Query query(String channel, Cursor after, int newest, int limit) {
        List<ChannelPattern> one = List.of(ChannelPattern.of(new Channel(channel)));
        return new Query(one, after, Query.HEAD, newest, limit, HubCore.PAGE_BYTES);
    }

    /** Who is on a channel; nobody where {@code channels.*.presence} is not true. */
    public Presence.Snapshot presence(String channel) {
        return core.presence().snapshot(new Channel(channel));
    }

    /** A place behind all that was published so far: what comes is after it. */
    public MessageId head() {
        return core.hub().head();
    }

    /**
     * Ends the connections of a user (4403), as an application does that logs somebody out: on all
     * hubs that share the log. Completes with how many they were.
     *
     * @param user as {@link Principal#user}
     */
    public Future<Integer> disconnect(String user) {
        return core.disconnect(user);
    }

    /** Why the hub cannot serve now; empty when it can. */
    public Optional<String> notReady() {
        return core.notReady();
    }

    /** What is counted ({@code docs/metrics.md}), for Prometheus. Blocks for some ms. */
    public String metrics() {
        return core.metrics();
    }

    /**
     * Asks all clients to come back, each at a moment of its own within {@code http.drain}, and
     * closes the log. Requests that come later are answered 503.
     */
    public Future<Void> close() {
        return vertx.undeploy(deployment);
    }
}
