package io.anabranch.client;

import io.vertx.core.Future;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How a client connects. By default without a token, over whatever transport works. */
public final class ConnectOptions {
    private Supplier<Future<@Nullable String>> token = Future::succeededFuture;
    private boolean renewable;
    private Set<Transport> transports = EnumSet.allOf(Transport.class);
    private String client = UUID.randomUUID().toString();

    /** A JWT, which cannot be renewed: when it expires the client is closed. */
    public ConnectOptions token(String jwt) {
        token = () -> Future.succeededFuture(jwt);
        renewable = false;
        return this;
    }

    /**
     * Gives a JWT, on the client's context: asked for the first, before that expires, and when the
     * hub refuses it.
     */
    public ConnectOptions token(Supplier<Future<@Nullable String>> supplier) {
        token = supplier;
        renewable = true;
        return this;
    }

    /** Which may be used; naming one pins it. */
    public ConnectOptions transports(Transport first, Transport... others) {
        transports = EnumSet.of(first, others);
        return this;
    }

    /** This client's id, 8 to 64 of {@code A-Za-z0-9_-}, for presence. */
    public ConnectOptions client(String id) {
        client = id;
        return this;
    }

    TokenSource tokens() {
        return new TokenSource(token, renewable);
    }

    List<Transport> transports() {
        return List.copyOf(transports);
    }

    String client() {
        return client;
    }
}
