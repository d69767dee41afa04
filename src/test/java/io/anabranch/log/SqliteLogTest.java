package io.anabranch.log;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.testing.FastDirectory;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.io.TempDir;

class SqliteLogTest extends ClockedLogContract {
    private static final SqliteOptions.Bounds BOUNDS =
            new SqliteOptions.Bounds(64, 8_000, 1 << 20, 100, 5);

    private final AtomicInteger files = new AtomicInteger();

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    @Override
    Log open(Function<Channel, Retention> retention, long dedupMs, LongSupplier clock) {
        Path path = directory.resolve(files.incrementAndGet() + ".db");
        SqliteOptions options = new SqliteOptions(path, dedupMs, SqliteOptions.NO_LIMIT, BOUNDS);
        return SqliteLog.open(options, retention, clock::getAsLong);
    }

    @Override
    void enforceRetention(Log log) {
        ((SqliteLog) log).expire().toCompletionStage().toCompletableFuture().join();
    }
}
