package io.anabranch.bench;

/** Takes what a {@link Framing} finds. */
interface Frames {
    /** The JSON of a frame of the hub's, in {@code bytes[from..to)}. */
    void onFrame(byte[] bytes, int from, int to);

    /** A ping, which wants a pong with the same content (RFC 6455 §5.5.2). */
    void onPing(byte[] content);

    /** The other end closes, or breaks the protocol: why. */
    void onClose(String why);
}
