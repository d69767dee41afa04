package io.anabranch.stream;

import io.netty.buffer.ByteBuf;

/**
 * Where one connection's bytes go. For its own event loop alone. It never refuses a write: whoever
 * writes looks at {@link #isWritable()} first, and goes on when the transport calls {@link
 * Subscriber#writable()}.
 */
public interface Sink {
    /** How this connection wants its bytes. */
    Encoding encoding();

    /**
     * Whether the socket takes more: false once 8 KiB wait for it, and until nothing does. Whoever
     * writes no more than 32 KiB at once, or one message, keeps what a stopped reader holds small.
     */
    boolean isWritable();

    /**
     * Takes one or more whole frames, and the reference to the buffer. Sent with the next flush.
     */
    void write(ByteBuf bytes);

    void flush();

    /** Closes at once if anything still waits to be sent. */
    void abortUnlessSent();

    /**
     * Whether the other end is gone without a word: nothing there has acknowledged for {@code
     * silentMs} what it was sent, although that was repeated. Whoever merely reads nothing is not
     * lost. False where nobody can tell.
     */
    boolean isLost(long silentMs);

    /** Closes at once, whatever waits to be sent. */
    void cut();
}
