package io.anabranch.http;

import io.anabranch.auth.Revocation;
import io.anabranch.auth.Revocation.Target;
import io.anabranch.log.ChannelSummary;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.polyglot.VerticleState;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What those may ask and do who run the hub (protocol, section 6): look at channels and
 * connections, end these, revoke tokens. Each route needs the permission {@code admin}. Behind
 * {@link RestRoutes}, which has found out who asks.
 */
final class AdminRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(AdminRoutes.class);
    private static final String SESSIONS = "/sessions";
    private static final String USERS = "/users/";
    private static final String REVOCATIONS = "/revocations";
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;

    private final Node node;
    private final RestPath base;

    AdminRoutes(Node node, RestPath base) {
        this.node = node;
        this.base = base;
    }

    void mount(Router router) {
        router.get(base.of("/channels")).handler(answering(this::channels));
        router.get(base.of("/verticles")).handler(answering(this::verticles));
        router.get(base.of(SESSIONS)).handler(answering(this::sessions));
        router.delete(base.of(SESSIONS + "/:id")).handler(answering(this::endSession));
        base.route(router, HttpMethod.DELETE, USERS, "sub", SESSIONS)
                .handler(answering(this::endSessionsOfUser));
        router.get(base.of(REVOCATIONS)).handler(answering(this::revocations));
        router.post(base.of(REVOCATIONS)).handler(answering(this::revoke));
        base.route(router, HttpMethod.DELETE, REVOCATIONS + "/", "id", "")
                .handler(answering(this::lift));
    }

    /** The status, and what goes with it; empty for a status that has nothing. */
    private record Answer(int status, Optional<JsonObject> json) {
        static final Answer DONE = new Answer(204, Optional.empty());

        static Answer of(int status, JsonObject json) {
            return new Answer(status, Optional.of(json));
        }
    }

    private static Handler<RoutingContext> answering(
            Function<RoutingContext, Future<Answer>> route) {
        return context -> {
            Future<Answer> answer;
            try {
                Access.requireAdmin(RestRoutes.principal(context));
                answer = route.apply(context);
            } catch (Refusal refusal) {
                answer = Future.failedFuture(refusal);
            }
            OnLoop.onLoop(answer)
                    .onSuccess(done -> send(context, done))
                    .onFailure(failure -> Problem.answer(context, failure));
        };
    }

    private static void send(RoutingContext context, Answer answer) {
        answer.json()
                .ifPresentOrElse(
                        json -> RestRoutes.answer(context, answer.status(), json),
                        () -> context.response().setStatusCode(answer.status()).end());
    }

    private Future<Answer> channels(RoutingContext context) {
        MultiMap query = context.queryParams();
        String prefix = textOrEmpty(query.get("prefix"));
        String after = textOrEmpty(query.get("after"));
        int limit = limit(query);
        return node.hub()
                .channels(prefix, after, limit)
                .compose(
                        channels ->
                                node.sessions()
                                        .subscribers(names(channels))
                                        .map(
                                                subscribers ->
                                                        ChannelList.page(
                                                                channels,
                                                                subscribers,
                                                                after,
                                                                limit)))
                .map(page -> Answer.of(200, page));
    }

    private static List<String> names(List<ChannelSummary> channels) {
        return channels.stream().map(it -> it.channel().name()).toList();
    }

    private static String textOrEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private Future<Answer> verticles(RoutingContext context) {
        JsonArray states = array(node.verticles().states(), AdminRoutes::toJson);
        return Future.succeededFuture(Answer.of(200, new JsonObject().put("verticles", states)));
    }

    private static JsonObject toJson(VerticleState state) {
        JsonObject json =
                new JsonObject()
                        .put("name", state.name())
                        .put("language", state.language())
                        .put("status", state.status().name().toLowerCase(Locale.ROOT))
                        .put("since", state.sinceMs())
                        .put("starts", state.starts())
                        .put("failures", state.failures());
        return state.failure() == null ? json : json.put("failure", state.failure());
    }

    private Future<Answer> sessions(RoutingContext context) {
        MultiMap query = context.queryParams();
        int limit = limit(query);
        long after = Values.wholeNumber("after", query.get("after"), 0, 0, Long.MAX_VALUE);
        boolean behind = Values.bool("behind", query.get("behind"));
        return node.sessions()
                .list(new AllSessions.Which(query.get("user"), null, behind), after, limit)
                .map(part -> Answer.of(200, sessions(part, after, limit)));
    }

    private static JsonObject sessions(AllSessions.Part part, long after, int limit) {
        List<AllSessions.Item> first = part.first();
        long last = first.isEmpty() ? after : first.get(first.size() - 1).number();
        return new JsonObject()
                .put("sessions", array(first, AllSessions.Item::json))
                .put("count", part.count())
                .put("cursor", last)
                .put("more", first.size() >= limit);
    }

    private static <T> JsonArray array(List<T> values, Function<T, JsonObject> toJson) {
        return new JsonArray(values.stream().map(toJson).toList());
    }

    private static int limit(MultiMap query) {
        return Values.integer("limit", query.get("limit"), DEFAULT_LIMIT, 1, MAX_LIMIT);
    }

    private Future<Answer> endSession(RoutingContext context) {
        String id = context.pathParam("id");
        return disconnect(context, new AllSessions.Which(null, id, false), "session", id);
    }

    private Future<Answer> endSessionsOfUser(RoutingContext context) {
        String user = base.name(context, USERS, SESSIONS);
        return disconnect(context, new AllSessions.Which(user, null, false), "user", user);
    }

    private Future<Answer> disconnect(
            RoutingContext context, AllSessions.Which which, String name, String value) {
        return node.sessions()
                .disconnect(which)
                .map(
                        ended -> {
                            if (ended == 0) {
                                throw notFound(name, value, "GET /api/v1/sessions");
                            }
                            log(context, "ended " + ended + " connections of " + name, value);
                            return Answer.DONE;
                        });
    }

    /** Who did what, for those who ask later. */
    private static void log(RoutingContext context, String done, String to) {
        String who = Refusal.shown(RestRoutes.principal(context).user());
        LOG.info("admin {} {} {}", who, done, Refusal.shown(to));
    }

    private static Refusal notFound(String name, String value, String list) {
        return new Refusal(
                Reason.NOT_FOUND,
                name + ": " + Refusal.shown(value) + " (expected: one of " + list + ")");
    }

    private Future<Answer> revocations(RoutingContext context) {
        MultiMap query = context.queryParams();
        int limit = limit(query);
        String after = textOrEmpty(query.get("after"));
        List<Revocation> page = node.credentials().revocations().list(after, limit);
        String cursor = page.isEmpty() ? after : page.get(page.size() - 1).target().id();
        return Future.succeededFuture(
                Answer.of(
                        200,
                        new JsonObject()
                                .put("revocations", array(page, RevocationRequest::toJson))
                                .put("cursor", cursor)
                                .put("more", page.size() == limit)));
    }

    private Future<Answer> revoke(RoutingContext context) {
        RestRoutes.requireJson(context.request().getHeader("Content-Type"));
        return RequestBody.whole(context, node.settings().maxDataBytes())
                .compose(
                        body -> {
                            Revocation revocation =
                                    RevocationRequest.parse(
                                            body,
                                            System.currentTimeMillis(),
                                            node.settings().maxTokenLifeMs());
                            log(context, "revokes", revocation.target().id());
                            return node.credentials().revocations().revoke(revocation);
                        })
                .map(counting -> Answer.of(201, RevocationRequest.toJson(counting)));
    }

    private Future<Answer> lift(RoutingContext context) {
        String id = base.name(context, REVOCATIONS + "/", "");
        Optional<Target> target = Target.parse(id);
        Future<Boolean> lifted =
                target.map(node.credentials().revocations()::lift)
                        .orElse(Future.succeededFuture(false));
        return lifted.map(
                done -> {
                    if (!done) {
                        throw notFound("revocation", id, "GET /api/v1/revocations");
                    }
                    log(context, "lifted", id);
                    return Answer.DONE;
                });
    }
}
