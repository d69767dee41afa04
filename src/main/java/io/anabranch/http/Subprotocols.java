package io.anabranch.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;

/**
 * What a client offers in {@code Sec-WebSocket-Protocol} (RFC 6455 §11.3.4; protocol, section 4).
 */
final class Subprotocols {
    /** The one that the hub speaks. */
    static final String ANABRANCH_V1 = "anabranch.v1";

    private Subprotocols() {}

    static List<String> offered(HttpServerRequest request) {
        List<String> headers = request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        // As of every request but upgrades, which are few.
        if (headers.isEmpty()) {
            return List.of();
        }
        return headers.stream()
                .flatMap(header -> Arrays.stream(header.split(",")))
                .map(String::trim)
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
