package io.anabranch.testing;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The way to a server on this machine. It can be parted: then nothing gets through, either way, and
 * nobody is told, as when a switch fails.
 */
public final class Wire implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    private final NetServer server;
    private volatile boolean parted;

    public Wire(int targetPort) throws Exception {
        server =
                vertx.createNetServer()
                        .connectHandler(client -> connect(client, targetPort))
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS);
    }

    private void connect(NetSocket client, int targetPort) {
        client.pause();
        add(client);
        if (parted) {
            return;
        }
        vertx.createNetClient()
                .connect(targetPort, "127.0.0.1")
                .onFailure(unused -> client.close())
                .onSuccess(
                        target -> {
                            add(target);
                            target.pause();
                            pass(client, target);
                            pass(target, client);
                        });
    }

    private void add(NetSocket socket) {
        sockets.add(socket);
    }

    private void pass(NetSocket from, NetSocket to) {
        from.handler(
                bytes -> {
                    if (!parted) {
                        to.write(bytes);
                    }
                });
        from.closeHandler(
                unused -> {
                    sockets.remove(from);
                    if (!parted) {
                        to.close();
                    }
                });
        from.resume();
    }

    public int port() {
        return server.actualPort();
    }

    /** Lets nothing through from now on. */
    public void part() {
        parted = true;
    }

    /** Lets new connections through; what was parted has to be made anew. */
    public void mend() {
        parted = false;
        sockets.forEach(NetSocket::close);
    }

    @Override
    public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
