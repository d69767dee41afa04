package io.anabranch.bridge;

import io.anabranch.adapter.Door;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;
import io.vertx.ext.web.handler.sockjs.SockJSHandlerOptions;
import java.util.regex.Pattern;

/**
 * Speaks the protocol of the Vert.x event bus bridge, over SockJS and a raw WebSocket: an address
 * is a channel, or a service. Of vertx-web the transports alone: its bridge leads to the event bus,
 * past the log and past the permissions, which it can bound by patterns fixed at the start alone.
 */
public final class EventBusBridge {
    /** Transports over HTTP, whose answers come after {@code /server/session/}. */
    private static final Pattern ANSWERS = Pattern.compile("/(xhr|xhr_streaming|eventsource)$");

    private final BridgeOptions options;

    public EventBusBridge(BridgeOptions options) {
        this.options = options;
    }

    /** Adds its routes. */
    public void mount(Vertx vertx, Router router, Door door) {
        // JSONP and HTML files run as scripts of whichever page asks.
        SockJSHandlerOptions transports =
                new SockJSHandlerOptions()
                        .setInsertJSESSIONID(false)
                        .addDisabledTransport("JSON_P")
                        .addDisabledTransport("HTML_FILE");
        router.post(options.path() + "/*")
                .handler(BodyHandler.create(false).setBodyLimit(door.maxFrameBytes()));
        router.route(options.path() + "/*").handler(EventBusBridge::announceEnd);
        router.route(options.path() + "/*")
                .subRouter(
                        SockJSHandler.create(vertx, transports)
                                .socketHandler(socket -> BridgeSocket.open(door, socket)));
    }

    /**
     * After these answers vertx-web closes the connection, of which it says nothing: a client would
     * send its next request by it.
     */
    private static void announceEnd(RoutingContext context) {
        if (context.request().version() == HttpVersion.HTTP_1_1
                && ANSWERS.matcher(context.request().path()).find()) {
            context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        context.next();
    }
}
