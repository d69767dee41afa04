package io.anabranch.log.sqlite;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The right of one process to write a log's file: a locked file beside it, with its pid. */
final class HubLock implements AutoCloseable {
    private static final int PID_BYTES = 20;

    private final FileChannel file;

    private HubLock(FileChannel file) {
        this.file = file;
    }

    /**
     * @throws Refusal {@code unavailable} with the pid of the hub that has the log
     */
    static HubLock take(Path log) throws IOException {
        Path path = Path.of(log + ".lock");
        FileChannel file =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            if (lock(file) == null) {
                throw new Refusal(
                        Reason.UNAVAILABLE,
                        "log.path: "
                                + log
                                + " is in use by the hub with pid "
                                + pid(file)
                                + " (expected: a file of its own for each hub, or that one"
                                + " stopped)");
            }
            file.truncate(0);
            String pid = ProcessHandle.current().pid() + "\n";
            file.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
            return new HubLock(file);
        } catch (IOException | Refusal e) {
            file.close();
            throw e;
        }
    }

    private static @Nullable FileLock lock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String pid(FileChannel file) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(PID_BYTES);
        int read = file.read(text, 0);
        return read <= 0
                ? "unknown"
                : new String(text.array(), 0, read, StandardCharsets.US_ASCII).trim();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
