package io.anabranch.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * The way to a NATS server on this machine, which keeps what the server sends of messages, and can
 * drop some of it.
 */
public final class BrokerTap implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    private final int targetPort;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final Queue<Delivery> passed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger dropped = new AtomicInteger();
    private volatile Predicate<Delivery> dropping = delivery -> false;

    /**
     * What the server sends for one message.
     *
     * @param text all of it, headers and payload too
     */
    public record Delivery(String subject, String text) {}

    public BrokerTap(int targetPort) throws IOException {
        this.targetPort = targetPort;
        start(this::accept);
    }

    public String url() {
        return "nats://127.0.0.1:" + server.getLocalPort();
    }

    /** Drops from now on what {@code which} says. */
    public void drop(Predicate<Delivery> which) {
        dropping = which;
    }

    public int dropped() {
        return dropped.get();
    }

    /** What has come through since {@link #forget}. */
    public List<Delivery> passed() {
        return List.copyOf(passed);
    }

    public void forget() {
        passed.clear();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = server.accept();
            Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
            sockets.addAll(List.of(client, target));
            start(() -> client.getInputStream().transferTo(target.getOutputStream()));
            start(() -> passOn(target, client));
        }
    }

    /** What the server sends is lines, and messages of which one follows its line. */
    private void passOn(Socket from, Socket to) throws IOException {
        InputStream in = new BufferedInputStream(from.getInputStream());
        OutputStream out = to.getOutputStream();
        for (byte[] line = line(in); line.length > 0; line = line(in)) {
            String text = new String(line, ISO_8859_1);
            if (text.startsWith("MSG ") || text.startsWith("HMSG ")) {
                int size = Integer.parseInt(text.substring(text.lastIndexOf(' ') + 1).trim());
                byte[] rest = in.readNBytes(size + 2);
                Delivery delivery =
                        new Delivery(text.split(" ", 3)[1], text + new String(rest, ISO_8859_1));
                if (dropping.test(delivery)) {
                    dropped.incrementAndGet();
                } else {
                    passed.add(delivery);
                    out.write(delivery.text().getBytes(ISO_8859_1));
                }
            } else {
                out.write(line);
            }
        }
        to.close();
    }

    /** With its end; empty when there is none any more. */
    private static byte[] line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0; c = in.read()) {
            line.write(c);
            if (c == '\n') {
                return line.toByteArray();
            }
        }
        return new byte[0];
    }

    private interface Passing {
        void run() throws IOException;
    }

    private static void start(Passing passing) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                passing.run();
                            } catch (IOException e) {
                                // An end was closed.
                            }
                        },
                        "broker-tap");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
