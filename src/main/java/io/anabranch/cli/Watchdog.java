package io.anabranch.cli;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Closes a stream that has been silent for two heartbeats: its reader then sees it fail. */
final class Watchdog implements AutoCloseable {
    private static final long CHECK_EVERY_MS = 250;
    private static final long DEFAULT_HEARTBEAT_MS = 30_000;

    private final Closeable stream;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "watchdog");
                        thread.setDaemon(true);
                        return thread;
                    });
    private volatile long heardNanos = System.nanoTime();
    private volatile long heartbeatMs = DEFAULT_HEARTBEAT_MS;

    Watchdog(Closeable stream) {
        this.stream = stream;
        var unused =
                timer.scheduleWithFixedDelay(
                        this::check, CHECK_EVERY_MS, CHECK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** The stream has brought something. */
    void heard() {
        heardNanos = System.nanoTime();
    }

    /**
     * @param ms how often the stream brings something at least; 0 leaves it as it is
     */
    void expectEvery(long ms) {
        heartbeatMs = ms > 0 ? ms : heartbeatMs;
    }

    private void check() {
        long silentMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNanos);
        if (silentMs > 2 * heartbeatMs) {
            timer.shutdown();
            closeStream();
        }
    }

    private void closeStream() {
        try {
            stream.close();
        } catch (IOException alreadyBroken) {
            // Its reader sees that by itself.
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
