package io.anabranch.http;

import io.anabranch.testing.TestHub;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;

/** With a log that answers when the file has the message. */
class DirectPublishDurableTest extends DirectPublishContract {
    @TempDir private static Path directory;

    DirectPublishDurableTest() {
        super(new TestHub().sqlite(directory.resolve(UUID.randomUUID() + ".db")).durable("chat:*"));
    }
}
