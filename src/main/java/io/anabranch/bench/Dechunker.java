package io.anabranch.bench;

import io.netty.buffer.ByteBuf;

/** Takes the chunk framing of HTTP/1.1 off (RFC 9112 §7.1), as it comes. For one thread. */
final class Dechunker {
    private enum State {
        SIZE,
        EXTENSION,
        DATA,
        DATA_END,
        LAST
    }

    private State state = State.SIZE;
    private long left;

    /**
     * Appends the content of {@code in} to {@code out}, all of it.
     *
     * @throws IllegalStateException when it is not chunked
     */
    void read(ByteBuf in, Scratch out) {
        while (in.isReadable() && state != State.LAST) {
            if (state == State.DATA) {
                int part = (int) Math.min(left, in.readableBytes());
                out.append(in, part);
                left -= part;
                state = left == 0 ? State.DATA_END : State.DATA;
            } else {
                frame(in.readByte());
            }
        }
    }

    /** Whether the last chunk was read. */
    boolean isEnded() {
        return state == State.LAST;
    }

    private void frame(byte b) {
        if (b == '\n') {
            if (state != State.DATA_END) {
                state = left == 0 ? State.LAST : State.DATA;
            } else {
                state = State.SIZE;
            }
        } else if (b == ';') {
            state = State.EXTENSION;
        } else if (state == State.SIZE && b != '\r') {
            int digit = Character.digit(b, 16);
            if (digit < 0 || left > Integer.MAX_VALUE) {
                throw new IllegalStateException("no chunk size: byte " + b);
            }
            left = left << 4 | digit;
        }
    }
}
