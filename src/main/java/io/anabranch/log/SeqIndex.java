package io.anabranch.log;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Messages by their place in the log, in blocks that are let go of when they are empty. */
public final class SeqIndex<T> {
    private static final int BLOCK_BITS = 10;
    private static final int BLOCK_SIZE = 1 << BLOCK_BITS;

    private final Map<Long, Block> blocks = new HashMap<>();

    public void put(long seq, T value) {
        Block block = blocks.computeIfAbsent(seq >>> BLOCK_BITS, key -> new Block());
        block.slots[slot(seq)] = value;
        block.used++;
    }

    /** The value at {@code seq}; null where there is none. */
    @SuppressWarnings("unchecked")
    public @Nullable T get(long seq) {
        Block block = blocks.get(seq >>> BLOCK_BITS);
        return block == null ? null : (T) block.slots[slot(seq)];
    }

    public void remove(long seq) {
        Block block = blocks.get(seq >>> BLOCK_BITS);
        if (block == null || block.slots[slot(seq)] == null) {
            return;
        }
        block.slots[slot(seq)] = null;
        if (--block.used == 0) {
            blocks.remove(seq >>> BLOCK_BITS);
        }
    }

    private static int slot(long seq) {
        return (int) seq & (BLOCK_SIZE - 1);
    }

    private static final class Block {
        final @Nullable Object[] slots = new Object[BLOCK_SIZE];
        int used;
    }
}
