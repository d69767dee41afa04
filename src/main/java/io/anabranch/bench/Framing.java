package io.anabranch.bench;

/**
 * Finds the hub's frames in what a connection brings. Holds no state: the caller keeps the rest.
 */
interface Framing {
    /**
     * Hands on the whole frames at the beginning of {@code bytes[0..length)}.
     *
     * @return how many bytes they have
     */
    int read(byte[] bytes, int length, Frames out);
}
