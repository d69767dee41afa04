package io.anabranch.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** An issuer of the JDK's HTTP server that publishes what a test says, and counts who reads it. */
public final class JwksEndpoint implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger reads = new AtomicInteger();
    private final HttpServer server;
    private volatile int status;
    private volatile String body = "";

    public JwksEndpoint() {
        this(listen(() -> HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0)));
    }

    private JwksEndpoint(HttpServer server) {
        this.server = server;
        server.createContext("/jwks", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    /** One of https, that shows a certificate. */
    static JwksEndpoint showing(SSLContext context) {
        return new JwksEndpoint(
                listen(
                        () -> {
                            HttpsServer https =
                                    HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
                            https.setHttpsConfigurator(new HttpsConfigurator(context));
                            return https;
                        }));
    }

    private interface Listening {
        HttpServer start() throws IOException;
    }

    private static HttpServer listen(Listening listening) {
        try {
            return listening.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        reads.incrementAndGet();
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Location", "/jwks");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        try (exchange) {
            exchange.getResponseBody().write(bytes);
        }
    }

    public JwksEndpoint publish(JsonObject... keys) {
        return answer(200, new JsonObject().put("keys", JsonArray.of((Object[]) keys)).encode());
    }

    public JwksEndpoint answer(int status, String body) {
        this.body = body;
        this.status = status;
        return this;
    }

    int reads() {
        return reads.get();
    }

    public URI url() {
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort() + "/jwks");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
