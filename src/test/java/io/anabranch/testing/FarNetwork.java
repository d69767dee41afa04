package io.anabranch.testing;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** A network beside this machine's, with one cable between them; needs root and iproute2. */
public final class FarNetwork implements AutoCloseable {
    private final String name;
    private final String cable;
    private final String near;
    private final String far;

    private FarNetwork(int number) {
        name = "anabranch-" + number;
        cable = "far" + number;
        // RFC 2544: addresses for measurements, which nobody has.
        String net = "198.18.%d.".formatted(number / 64 % 256);
        near = net + (number % 64 * 4 + 1);
        far = net + (number % 64 * 4 + 2);
    }

    /**
     * @throws IOException where this process may not make one: half-open connections cannot be
     *     tested
     */
    public static FarNetwork create() throws IOException, InterruptedException {
        FarNetwork network = new FarNetwork(ThreadLocalRandom.current().nextInt(1 << 14));
        try {
            network.build();
        } catch (IOException e) {
            throw new IOException(
                    "a network namespace cannot be made (expected: root, as by sudo, with"
                            + " CAP_NET_ADMIN and CAP_SYS_ADMIN, and Debian's iproute2)",
                    e);
        }
        return network;
    }

    private void build() throws IOException, InterruptedException {
        run("ip", "netns", "add", name);
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "near", "netns", name);
        run("ip", "addr", "add", near + "/30", "dev", cable);
        run("ip", "link", "set", cable, "up");
        run("ip", "-n", name, "addr", "add", far + "/30", "dev", "near");
        run("ip", "-n", name, "link", "set", "near", "up");
    }

    /** This machine's address, as it is seen from there. */
    public String near() {
        return near;
    }

    /** The address of who is there. */
    public String far() {
        return far;
    }

    /** What runs the command behind it there. */
    public List<String> wrapper() {
        return List.of("ip", "netns", "exec", name);
    }

    /** Pulls the cable at the far end: neither end is told. */
    public void pull() throws IOException, InterruptedException {
        run("ip", "-n", name, "link", "set", "near", "down");
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(List.of(command) + ": " + output);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("ip", "netns", "del", name);
    }
}
