package io.anabranch.bench;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands each message to its publisher when it is due, at a steady rate, whatever became of those
 * before: an open loop, so that a slow hub cannot slow down the question. A thread of its own.
 */
final class Pacer implements AutoCloseable {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Settings settings;
    private final Clock clock;
    private final List<Publisher> publishers;
    private final SplittableRandom random;
    private final long[] numbers;
    private final Thread thread = new Thread(this::run, "bench-pacer");
    private volatile boolean stopped;

    Pacer(Settings settings, Clock clock, List<Publisher> publishers, SplittableRandom random) {
        this.settings = settings;
        this.clock = clock;
        this.publishers = publishers;
        this.random = random;
        this.numbers = new long[settings.publishers() * settings.channels()];
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        long start = clock.now();
        long count = 0;
        while (!stopped && settings.rate() > 0) {
            long due = start + (long) (count * NANOS_PER_SECOND / settings.rate());
            long wait = due - clock.now();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            } else {
                offer((int) (count % publishers.size()), due);
                count++;
            }
        }
    }

    private void offer(int publisher, long due) {
        int channel = random.nextInt(settings.channels());
        long n = numbers[publisher * settings.channels() + channel]++;
        publishers.get(publisher).offer(new Outgoing(publisher, channel, n, due));
    }

    /** Stops, and returns when nothing more will be offered. */
    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
