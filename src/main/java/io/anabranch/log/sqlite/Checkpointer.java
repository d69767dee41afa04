package io.anabranch.log.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the write-ahead log to the file, on a thread of its own beside the writer, so that commits
 * need not wait for it. SQLite begins the write-ahead log anew only when all of it is copied: so
 * the last of it, what came while the rest was copied, is copied by the writer between two commits.
 *
 * <p>That keeps the write-ahead log near {@link #RESTART_PAGES}. Where the disk takes copies more
 * slowly than appends come, the writer stands still for as long as one copy takes. While somebody
 * reads an old state, as a backup does, it grows, as nothing may be copied over what they read.
 * What cannot be copied stays in it, and is copied later.
 */
final class Checkpointer {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

    /** So many pages to copy are worth a copy. */
    private static final long COPY_PAGES = 1_000;

    /** 16 MiB. */
    private static final long RESTART_PAGES = 4_096;

    /** 64 MiB: to come back from there the writer waits longer. */
    private static final long MOST_PAGES = 16_384;

    /** The writer copies and syncs so many in about the time of two commits. */
    private static final long FEW_PAGES = 256;

    /** How long the writer waits for those who read an older state. */
    private static final int WAIT_MS = 10;

    private static final int LONG_WAIT_MS = 1_000;
    private static final long LOOK_MS = 20;
    private static final long TRY_AGAIN_MS = 1_000;

    private final Connection connection;

    /**
     * The file itself, to sync it: SQLite does so only when a copy ends with the newest commit. To
     * be closed after all connections, as closing it gives up their POSIX locks.
     */
    private final FileChannel file;

    private final Thread thread = new Thread(this::run, "anabranch-log-checkpoint");

    /** For the one whose turn it is; the other waits. Guarded by this. */
    private boolean writersTurn;

    /** Guarded by this. */
    private boolean ends;

    private volatile boolean finishing;
    private volatile boolean needsRoom;
    private boolean failing;
    private boolean toldOfReader;

    Checkpointer(SqliteFile database) throws SQLException {
        connection = database.openForCheckpoints();
        try {
            file = FileChannel.open(database.path(), StandardOpenOption.WRITE);
        } catch (IOException e) {
            connection.close();
            throw SqliteFile.unreadable(database.path(), e);
        }
    }

    void start() {
        thread.start();
    }

    /**
     * Whether something could not be written: then every copy helps, as it makes room in the
     * write-ahead log. Called by the writer.
     */
    void needsRoom(boolean needed) {
        needsRoom = needed;
    }

    /**
     * Whether the write-ahead log is about to be begun anew. It is the sooner the less is written,
     * so what can wait should wait: in most cases for the time of a copy or two.
     */
    boolean isFinishing() {
        return finishing;
    }

    /**
     * Copies the last pages where it is time for that. Called by the writer between commits.
     *
     * @return whether it was time
     */
    synchronized boolean finishIfDue() {
        if (!writersTurn) {
            return false;
        }
        try {
            Step.run(Step.Kind.RESTART, () -> checkpoint("RESTART").pages());
        } catch (SQLException e) {
            tell(e);
        } finally {
            writersTurn = false;
            notifyAll();
        }
        return true;
    }

    /** Copies all, and ends. The other connections of this process are closed before. */
    void close() throws SQLException, IOException, InterruptedException {
        synchronized (this) {
            ends = true;
            notifyAll();
        }
        thread.join();
        try {
            // Where another process has the file open, SQLite would leave this to it.
            checkpoint("TRUNCATE");
        } catch (SQLException e) {
            tell(e);
        }
        connection.close();
        file.close();
    }

    private void run() {
        try {
            long pause = LOOK_MS;
            while (pause(pause)) {
                pause = look();
            }
        } catch (InterruptedException e) {
            LOG.error("the log's checkpointer was interrupted, which nobody may do", e);
        }
    }

    /** Whether to go on after it. */
    private synchronized boolean pause(long ms) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        for (long left = ms; !ends && left > 0; ) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
        return !ends;
    }

    /** Gives how long to wait for the next look, in ms. */
    private long look() throws InterruptedException {
        try {
            Wal wal = checkpoint("NOOP");
            if (wal.behind() >= (needsRoom ? 1 : COPY_PAGES)) {
                copyUntilFew(wal);
                failing = false;
            }
            return LOOK_MS;
        } catch (SQLException | IOException e) {
            tell(e);
            return TRY_AGAIN_MS;
        } finally {
            finishing = false;
        }
    }

    /** How many pages the write-ahead log has, and how many of them are in the file. */
    private record Wal(long pages, long copied) {
        long behind() {
            return pages - copied;
        }
    }

    private Wal checkpoint(String mode) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
            row.next();
            return new Wal(row.getLong(2), row.getLong(3));
        }
    }

    /** Each copy is shorter than the one before, and less comes meanwhile. */
    private void copyUntilFew(Wal wal) throws SQLException, IOException, InterruptedException {
        finishing = wal.pages() >= RESTART_PAGES;
        Wal before = wal;
        Wal now = copy();
        while (now.pages() >= RESTART_PAGES && now.copied() > before.copied()) {
            boolean shrinks = now.behind() < before.behind() / 2;
            if (now.behind() <= FEW_PAGES || (finishing && !shrinks)) {
                letWriterFinish(now);
                return;
            }
            finishing = true;
            before = now;
            now = copy();
        }
        if (now.pages() >= MOST_PAGES && !toldOfReader) {
            toldOfReader = true;
            LOG.warn(
                    "the log's write-ahead log grows, as somebody reads an old state of the file"
                            + " (a backup, sqlite3)");
        }
    }

    /** Gives what is left then, with what came meanwhile. */
    private Wal copy() throws SQLException, IOException {
        Step.run(Step.Kind.COPY, () -> checkpoint("PASSIVE").pages());
        Step.run(
                Step.Kind.SYNC,
                () -> {
                    file.force(false);
                    return 1;
                });
        Wal now = checkpoint("NOOP");
        toldOfReader &= now.pages() >= RESTART_PAGES;
        return now;
    }

    private synchronized void letWriterFinish(Wal wal) throws SQLException, InterruptedException {
        int waitMs = wal.pages() < MOST_PAGES ? WAIT_MS : LONG_WAIT_MS;
        SqliteFile.execute(connection, "PRAGMA busy_timeout = " + waitMs);
        writersTurn = true;
        while (writersTurn && !ends) {
            wait();
        }
    }

    private void tell(Exception e) {
        if (!failing) {
            LOG.warn("the log's write-ahead log waits to be copied: {}", e.getMessage());
        }
        failing = true;
    }
}
