package io.anabranch.http;

import io.anabranch.message.Refusal;
import io.anabranch.transport.FaultyLine;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Breaks the connections of one client at its own wish, so that one can watch what becomes of its
 * stream: {@code POST /dev/faults}, in development alone. Safe for use by any thread.
 */
final class Faults {
    /** How many clients' faults are remembered; the oldest is forgotten first. */
    private static final int MAX_CLIENTS = 1_000;

    private static final int MAX_WISH_BYTES = 1_024;

    private enum Fault {
        CUT_WEBSOCKET,
        CUT_SSE,
        STALL,
        NONE;

        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Fault parse(String text) {
            List<String> names = Arrays.stream(values()).map(Fault::text).toList();
            int at = names.indexOf(text);
            if (at < 0) {
                throw Refusal.badValue("fault", text, String.join(", ", names));
            }
            return values()[at];
        }
    }

    private record Connection(FaultyLine line, String client, boolean isWebSocket) {
        /** Whether the connection is there still. */
        boolean suffer(Fault fault) {
            if (fault == Fault.STALL) {
                line.stall();
                return true;
            }
            line.goOn();
            boolean isCut = fault == (isWebSocket ? Fault.CUT_WEBSOCKET : Fault.CUT_SSE);
            if (isCut) {
                line.cut();
            }
            return !isCut;
        }
    }

    private final Map<Object, Connection> connections = new HashMap<>();
    private final Map<String, Fault> faults = new LinkedHashMap<>();

    /**
     * Stands before {@code /sse} and {@code /ws}: a client's fault holds until it is taken back.
     * There are none over HTTP/3, whose connections share a socket.
     */
    void admit(RoutingContext context) {
        String client = context.request().getParam("client");
        boolean isFree = client == null || context.request().version() == HttpVersion.HTTP_3;
        if (isFree || admit(context.request(), client)) {
            context.next();
        }
    }

    private synchronized boolean admit(HttpServerRequest request, String client) {
        Object key = request.connection();
        Connection known = connections.get(key);
        FaultyLine line = known == null ? FaultyLine.of(request, () -> forget(key)) : known.line();
        boolean isWebSocket = request.path().equals("/ws");
        Connection connection = new Connection(line, client, isWebSocket);
        connections.put(key, connection);
        return connection.suffer(faults.getOrDefault(client, Fault.NONE));
    }

    private synchronized void forget(Object key) {
        connections.remove(key);
    }

    /** Answers {@code {"client","fault"}}: 204. */
    void handle(RoutingContext context) {
        RequestBody.whole(context, MAX_WISH_BYTES)
                .map(body -> Members.parse("body", body))
                .map(
                        wish -> {
                            set(
                                    wish.requiredText("client"),
                                    Fault.parse(wish.requiredText("fault")));
                            return context.response().setStatusCode(204);
                        })
                .onSuccess(HttpServerResponse::end)
                .onFailure(failure -> Problem.answer(context, failure));
    }

    private synchronized void set(String client, Fault fault) {
        faults.remove(client);
        if (fault != Fault.NONE) {
            faults.put(client, fault);
        }
        if (faults.size() > MAX_CLIENTS) {
            faults.remove(faults.keySet().iterator().next());
        }
        // A copy, since one that is cut is forgotten at once.
        for (Connection connection : List.copyOf(connections.values())) {
            if (connection.client().equals(client)) {
                connection.suffer(fault);
            }
        }
    }
}
