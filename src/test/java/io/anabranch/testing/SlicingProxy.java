package io.anabranch.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Stands before a hub and passes on what it sends in small pieces, each in a packet of its own: no
 * character of more than one byte arrives as a whole.
 */
public final class SlicingProxy implements AutoCloseable {
    private static final int SLICE = 97;

    private final ServerSocket server;
    private final ExecutorService executor = Executors.newCachedThreadPool();

    public SlicingProxy(TestHub hub) throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        int port = hub.port();
        Future<Void> unused = executor.submit(() -> accept(port));
    }

    /** With no slash at its end. */
    public String uri() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    private Void accept(int hubPort) throws IOException {
        while (true) {
            Socket client = server.accept();
            client.setTcpNoDelay(true);
            Socket hub = new Socket("127.0.0.1", hubPort);
            Future<Void> up = executor.submit(() -> pass(client, hub, false));
            Future<Void> down = executor.submit(() -> pass(hub, client, true));
        }
    }

    private static Void pass(Socket from, Socket to, boolean sliced) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[8192];
            int count = in.read(bytes);
            while (count > 0) {
                for (int start = 0; start < count; ) {
                    int end = sliced ? end(bytes, start, count) : count;
                    out.write(bytes, start, end - start);
                    start = end;
                }
                count = in.read(bytes);
            }
        }
        return null;
    }

    /** At the latest before the next byte that continues a character of UTF-8. */
    private static int end(byte[] bytes, int start, int count) {
        int most = Math.min(count, start + SLICE);
        int end = start + 1;
        while (end < most && (bytes[end] & 0xc0) != 0x80) {
            end++;
        }
        return end;
    }

    @Override
    public void close() throws IOException {
        server.close();
        executor.shutdownNow();
    }
}
