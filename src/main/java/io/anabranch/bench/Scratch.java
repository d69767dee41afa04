package io.anabranch.bench;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** Bytes that an event loop works on, the same for all of its connections. */
final class Scratch {
    private byte[] bytes = new byte[64 * 1024];
    private int length;

    /** Begins with what a connection had left. */
    void reset(byte[] rest) {
        length = 0;
        grow(rest.length);
        System.arraycopy(rest, 0, bytes, 0, rest.length);
        length = rest.length;
    }

    void append(ByteBuf in, int count) {
        grow(count);
        in.readBytes(bytes, length, count);
        length += count;
    }

    private void grow(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(length + count, 2 * bytes.length));
        }
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** What stands behind the first {@code count} bytes. */
    byte[] rest(int count) {
        return count == length ? EMPTY : Arrays.copyOfRange(bytes, count, length);
    }

    private static final byte[] EMPTY = {};
}
