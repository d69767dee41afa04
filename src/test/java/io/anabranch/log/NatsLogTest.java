package io.anabranch.log;

import io.anabranch.log.nats.NatsLog;
import io.anabranch.log.nats.NatsOptions;
import io.anabranch.message.Channel;
import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.NatsServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Without what takes a clock that can be set: the broker has its own. */
class NatsLogTest extends LogContract {
    private static final AtomicInteger STREAMS = new AtomicInteger();

    @TempDir(factory = FastDirectory.class)
    private static Path directory;

    private static NatsServer server;

    @BeforeAll
    static void startServer() throws Exception {
        server = NatsServer.start(directory);
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    @Override
    Log open(Function<Channel, Retention> retention, long dedupMs, LongSupplier clock) {
        String stream = "log-" + STREAMS.incrementAndGet();
        return NatsLog.open(
                server.options(stream, dedupMs, NatsOptions.STANDARD_HOT_BYTES), retention, clock);
    }

    @Override
    void enforceRetention(Log log) {
        ((NatsLog) log).expire().toCompletionStage().toCompletableFuture().join();
    }
}
