package io.anabranch.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes a WebSocket of a request. A client that sends frames before it has the answer (RFC 6455
 * §4.1) is cut off: Vert.x would neither read them nor release their memory.
 */
public final class Upgrade extends ChannelInboundHandlerAdapter {
    /** Vert.x's own handler, which reads what the decoders before it make. */
    private static final String VERTX = "handler";

    private Upgrade() {}

    /** Fails where the handshake is none. To be called on the connection's event loop. */
    public static Future<WebSocket> of(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_1_1) {
            return Future.failedFuture("no upgrade from " + request.version());
        }
        ChannelPipeline pipeline = pipeline(request);
        Upgrade guard = new Upgrade();
        pipeline.addBefore(VERTX, null, guard);
        removeExtensions(pipeline);
        return request.toWebSocket()
                .onComplete(
                        unused -> {
                            if (pipeline.context(guard) != null) {
                                pipeline.remove(guard);
                            }
                        })
                .map(unused -> takeOver(pipeline));
    }

    /** Puts the hub's own WebSocket in the place of Vert.x's, of which nothing is left then. */
    private static WebSocket takeOver(ChannelPipeline pipeline) {
        var context = (ContextInternal) Objects.requireNonNull(Vertx.currentContext());
        WebSocket socket = new WebSocket(context.unwrap(), pipeline.channel());
        pipeline.replace(VERTX, VERTX, socket);
        return socket;
    }

    /**
     * The same, with permessage-deflate (RFC 7692) where the client offers it in a form that can be
     * had.
     *
     * @param maxBytes how large a message of the client may be when it is inflated, in bytes
     */
    public static Future<WebSocket> deflating(HttpServerRequest request, int maxBytes) {
        Optional<String> agreed =
                DeflateOffer.accept(
                        request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS));
        if (agreed.isEmpty()) {
            return of(request);
        }
        request.response().putHeader(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, agreed.get());
        return of(request)
                .onSuccess(unused -> MessageInflater.install(pipeline(request), VERTX, maxBytes));
    }

    /** Those of a server that is not the hub's: its frames would inflate to any size. */
    private static void removeExtensions(ChannelPipeline pipeline) {
        if (pipeline.get(WebSocketServerExtensionHandler.class) != null) {
            pipeline.remove(WebSocketServerExtensionHandler.class);
        }
    }

    private static ChannelPipeline pipeline(HttpServerRequest request) {
        return ((ConnectionBase) request.connection()).channel().pipeline();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof WebSocketFrame) {
            ReferenceCountUtil.release(message);
            context.close();
        } else {
            context.fireChannelRead(message);
        }
    }
}
