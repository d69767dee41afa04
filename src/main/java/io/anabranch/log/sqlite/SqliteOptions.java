package io.anabranch.log.sqlite;

import java.nio.file.Path;

/**
 * How a {@link SqliteLog} is opened.
 *
 * @param path the database file; its directory is made when it is missing
 * @param dedupWindowMs how long a deduplication key is remembered, in ms
 * @param maxBytes how large the messages of the file may become, in bytes; 0 for no limit
 * @param bounds what it may hold in memory
 */
public record SqliteOptions(Path path, long dedupWindowMs, long maxBytes, Bounds bounds) {
    public static final long NO_LIMIT = 0;

    /**
     * @param tailEntries so many of the newest places are found by an index in memory
     * @param hotBytes the newest messages that reads need no disk for, in bytes
     * @param unwrittenBytes messages that were handed on before they were written, in bytes
     * @param reservedIds how many ids are set apart at a time; so many may be skipped by a crash
     * @param writeBehindMs how long a message that is not durable may wait for its commit, in ms
     */
    public record Bounds(
            int tailEntries,
            long hotBytes,
            long unwrittenBytes,
            int reservedIds,
            int writeBehindMs) {
        private static final int DEFAULT_TAIL_ENTRIES = 1 << 17;
        private static final long DEFAULT_UNWRITTEN_BYTES = 16 << 20;
        private static final int DEFAULT_RESERVED_IDS = 1 << 16;
        private static final int DEFAULT_WRITE_BEHIND_MS = 100;
        private static final int HOT_PART_OF_HEAP = 16;

        /** For a hub, by the size of its heap. */
        public static Bounds standard() {
            return new Bounds(
                    DEFAULT_TAIL_ENTRIES,
                    Runtime.getRuntime().maxMemory() / HOT_PART_OF_HEAP,
                    DEFAULT_UNWRITTEN_BYTES,
                    DEFAULT_RESERVED_IDS,
                    DEFAULT_WRITE_BEHIND_MS);
        }
    }
}
