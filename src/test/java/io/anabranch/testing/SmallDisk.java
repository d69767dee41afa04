package io.anabranch.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system of a few MiB of its own, which needs the right to mount. */
public final class SmallDisk implements AutoCloseable {
    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /**
     * @throws IOException where this process may not mount: the tests of a full disk cannot be done
     */
    public static SmallDisk mount(int kib) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("anabranch-disk");
        run(List.of("mount", "-t", "tmpfs", "-o", "size=" + kib + "k", "tmpfs", directory + ""));
        return new SmallDisk(directory);
    }

    public Path directory() {
        return directory;
    }

    /** Gives it another size, with all that is on it. */
    public void resize(int kib) throws IOException, InterruptedException {
        run(List.of("mount", "-o", "remount,size=" + kib + "k", directory + ""));
    }

    /** Nothing can be written to it from now on. */
    public void seal() throws IOException, InterruptedException {
        run(List.of("mount", "-o", "remount,ro", directory + ""));
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + output);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run(List.of("umount", directory + ""));
        Files.delete(directory);
    }
}
