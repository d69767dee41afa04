package io.anabranch.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/** Text frames as the hub encodes them, for texts that are no frames of its protocol. */
public final class TextFrames {
    private TextFrames() {}

    public static ByteBuf of(byte[] text) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(text.length + 16);
        Encoding.writeTextFrame(text, out);
        return out;
    }

    /** The same as binary frames, which the hub itself never sends. */
    public static ByteBuf ofBinary(byte[] bytes) {
        return of(bytes).setByte(0, 0x82);
    }
}
