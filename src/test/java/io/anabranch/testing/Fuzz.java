package io.anabranch.testing;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Runs a target on generated inputs: on so many in the test command, and for {@code
 * -Danabranch.fuzz=SECONDS} where more is asked for. A failure names the seed of its input, which
 * {@code -Danabranch.seed} repeats.
 */
public final class Fuzz {
    private static final String SEED = "anabranch.seed";
    private static final long SECONDS = Long.getLong("anabranch.fuzz", 0);

    private Fuzz() {}

    /** What is tried with one input; it makes the input of {@code random} alone. */
    public interface Target {
        void run(Random random) throws Exception;
    }

    public static void run(int inputs, Target target) {
        Long wanted = Long.getLong(SEED);
        if (wanted != null) {
            run(wanted, target);
            return;
        }
        long seed = System.nanoTime();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        long tried = 0;
        while (tried < inputs || System.nanoTime() < until) {
            run(seed + tried++, target);
        }
        if (SECONDS > 0) {
            System.err.println(tried + " inputs for " + target.getClass().getName());
        }
    }

    private static void run(long seed, Target target) {
        try {
            target.run(new Random(seed));
        } catch (Throwable failure) {
            throw new AssertionError("-D" + SEED + "=" + seed, failure);
        }
    }

    /** Changes a few places of an input: bytes, or stretches of it, or pieces put in. */
    public static byte[] mutate(Random random, byte[] input, byte[][] pieces) {
        byte[] bytes = input;
        for (int i = random.nextInt(5); i > 0; i--) {
            int at = random.nextInt(bytes.length + 1);
            int end = Math.min(bytes.length, at + random.nextInt(12));
            byte[] put =
                    switch (random.nextInt(4)) {
                        case 0 -> new byte[0];
                        case 1 -> pieces[random.nextInt(pieces.length)];
                        case 2 -> java.util.Arrays.copyOfRange(bytes, at, end);
                        default -> noise(random, end - at);
                    };
            bytes = join(bytes, at, put, random.nextBoolean() ? at : end);
        }
        return bytes;
    }

    public static byte[] noise(Random random, int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] join(byte[] bytes, int at, byte[] put, int rest) {
        var out = new java.io.ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(put);
        out.write(bytes, rest, bytes.length - rest);
        return out.toByteArray();
    }
}
