package io.anabranch.cluster;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads of the cluster's own. */
final class Threads {
    private static final Logger LOG = LoggerFactory.getLogger(Threads.class);

    private Threads() {}

    /** One, which does not keep the process alive. */
    static ScheduledExecutorService one(String name) {
        return Executors.newSingleThreadScheduledExecutor(
                task -> {
                    Thread one = new Thread(task, name);
                    one.setDaemon(true);
                    return one;
                });
    }

    /** A task whose failure ends nothing but itself. */
    static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("what another hub sent cannot be handled", e);
            }
        };
    }
}
