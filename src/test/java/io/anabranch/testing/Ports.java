package io.anabranch.testing;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for servers that must be told theirs. They are below those that the kernel gives to
 * outgoing connections, so that none takes one before the server listens, or while it is restarted;
 * and test classes that run at the same time have ports of their own to try.
 */
public final class Ports {
    private static final int RANGE = 5_000;
    private static final int LEAST = 15_000 + RANGE * (Integer.getInteger("tests.fork", 1) % 3);
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(RANGE));

    private Ports() {}

    /** A port that nobody uses, TCP and UDP, another each time. */
    public static int free() {
        for (int i = 0; i < RANGE; i++) {
            int port = LEAST + Math.floorMod(NEXT.getAndIncrement(), RANGE);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + LEAST + " on");
    }

    private static boolean isFree(int port) {
        try (ServerSocket tcp = new ServerSocket(port);
                DatagramSocket udp = new DatagramSocket(port)) {
            return tcp.isBound() && udp.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
