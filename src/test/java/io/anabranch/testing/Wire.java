package io.anabranch.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The way to a server on this machine. It can be parted: then nothing gets through, either way, and
 * nobody is told, as when a switch fails.
 */
public final class Wire implements AutoCloseable {
    private final int targetPort;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean parted;

    public Wire(int targetPort) throws IOException {
        this.targetPort = targetPort;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("accept", this::accept);
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = server.accept();
            sockets.add(client);
            if (!parted) {
                start("connect", () -> connect(client));
            }
        }
    }

    private void connect(Socket client) throws IOException {
        try {
            Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
            sockets.add(target);
            start("to target", () -> pass(client, target));
            start("to client", () -> pass(target, client));
        } catch (IOException e) {
            close(client);
        }
    }

    private void pass(Socket from, Socket to) throws IOException {
        try (InputStream in = from.getInputStream()) {
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[8_192];
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                if (!parted) {
                    out.write(bytes, 0, read);
                }
            }
        } finally {
            close(from);
            if (!parted) {
                close(to);
            }
        }
    }

    private void close(Socket socket) throws IOException {
        sockets.remove(socket);
        socket.close();
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Lets nothing through from now on. */
    public void part() {
        parted = true;
    }

    /** Lets new connections through; what was parted has to be made anew. */
    public void mend() throws IOException {
        parted = false;
        closeAll();
    }

    private void closeAll() throws IOException {
        for (Socket socket : sockets) {
            close(socket);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        closeAll();
    }

    private interface Work {
        void run() throws IOException;
    }

    /** Until a socket is closed, by either end or by this wire. */
    private static void start(String name, Work work) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                work.run();
                            } catch (IOException e) {
                                // Its end is what is waited for.
                            }
                        },
                        "wire " + name);
        thread.setDaemon(true);
        thread.start();
    }
}
