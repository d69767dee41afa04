package io.anabranch.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.anabranch.testing.FaultProxy.Which;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A {@link FaultProxy} for other processes and for pages, as JSON over HTTP. A body names kind
 * ({@code websocket}, {@code sse}, {@code rest} or {@code all}) and {@code client}; both may be
 * left out.
 *
 * <ul>
 *   <li>{@code POST /cut}, {@code /reset}, {@code /half-close}, {@code /stall}, {@code /resume},
 *       {@code /count}: answers {@code {"connections":2}}
 *   <li>{@code POST /set}: with {@code delay} (ms), {@code slice} (bytes), {@code buffer}, {@code
 *       door} ({@code pass}, {@code refuse} with {@code status}, {@code strip}, {@code black-hole})
 *   <li>{@code POST /clear}
 *   <li>{@code POST /target}: with {@code port}, of the hub that new connections go to
 *   <li>{@code POST /arrivals}: answers {@code {"arrivals":[…]}}, when WebSockets and event streams
 *       were asked for since the last time, in ms since 1970 UTC
 * </ul>
 */
public final class FaultControl implements AutoCloseable {
    private final FaultProxy proxy;
    private final HttpServer server;

    public FaultControl(FaultProxy proxy) throws IOException {
        this.proxy = proxy;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Runs a proxy until standard input ends; the argument is the hub's port. */
    public static void main(String[] args) throws IOException {
        try (FaultProxy proxy = new FaultProxy(Integer.parseInt(args[0]), 1);
                FaultControl control = new FaultControl(proxy)) {
            JsonObject where =
                    new JsonObject()
                            .put("url", proxy.uri("/").toString())
                            .put("control", control.url());
            System.out.println(where.encode());
            while (System.in.read() >= 0) {
                // What is said here means nothing, that it ends does.
            }
        }
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            // Pages of another origin may ask as well, by a request that needs no preflight.
            exchange.getResponseHeaders().add("Access-Control-Allow-Origin", "*");
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            String path = exchange.getRequestURI().getPath();
            int status = 200;
            String answer;
            try {
                answer = act(path, new JsonObject(body.isEmpty() ? "{}" : body)).encode();
            } catch (RuntimeException e) {
                status = 400;
                answer = new JsonObject().put("message", String.valueOf(e.getMessage())).encode();
            }
            byte[] bytes = answer.getBytes(UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /** Does what {@code POST} of the path with that body does. */
    public JsonObject act(String path, JsonObject body) {
        Which which = Which.of(body);
        return switch (path) {
            case "/cut" -> connections(proxy.cut(which));
            case "/reset" -> connections(proxy.reset(which));
            case "/half-close" -> connections(proxy.halfClose(which));
            case "/stall" -> connections(proxy.stall(which));
            case "/resume" -> connections(proxy.resume(which));
            case "/count" -> connections(proxy.count(which));
            case "/set" -> {
                proxy.set(which, Fault.of(body));
                yield connections(proxy.count(which));
            }
            case "/clear" -> {
                proxy.clear();
                yield connections(proxy.count(which));
            }
            case "/target" -> {
                proxy.target(body.getInteger("port"));
                yield connections(proxy.count(which));
            }
            case "/arrivals" ->
                    new JsonObject().put("arrivals", new JsonArray(proxy.takeArrivals()));
            default -> throw new IllegalArgumentException("no such action: " + path);
        };
    }

    private static JsonObject connections(int count) {
        return new JsonObject().put("connections", count);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
