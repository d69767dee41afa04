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
}
