package io.anabranch.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * A directory in memory, where the machine has that: for tests that sync a file ten thousand times.
 */
public final class FastDirectory implements TempDirFactory {
    private static final Path MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
            throws Exception {
        String name = "anabranch";
        return Files.isWritable(MEMORY)
                ? Files.createTempDirectory(MEMORY, name)
                : Files.createTempDirectory(name);
    }
}
