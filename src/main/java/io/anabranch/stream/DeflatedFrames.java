package io.anabranch.stream;

import io.netty.buffer.ByteBuf;
import java.util.zip.Deflater;

/**
 * Text frames of permessage-deflate (RFC 7692 §7.2.1). Each is compressed by itself, so one form
 * serves every connection, whatever that was sent before.
 */
final class DeflatedFrames {
    /** FIN, RSV1 and text. */
    private static final int FIRST_BYTE = 0xc1;

    /** Shorter texts hardly become smaller. */
    private static final int MIN_BYTES = 128;

    /** What ends a flush, and is left out. */
    private static final int TAIL_BYTES = 4;

    /** One an event loop, since each takes about 256 KiB. */
    private static final ThreadLocal<Deflater> DEFLATER =
            ThreadLocal.withInitial(() -> new Deflater(Deflater.DEFAULT_COMPRESSION, true));

    private DeflatedFrames() {}

    /** Writes a frame as it is where compression would not make it smaller. */
    static void write(byte[] text, ByteBuf out) {
        byte[] packed = new byte[text.length];
        int length = text.length < MIN_BYTES ? text.length : deflate(text, packed);
        if (length < text.length) {
            Encoding.writeFrame(FIRST_BYTE, packed, length - TAIL_BYTES, out);
        } else {
            Encoding.writeTextFrame(text, out);
        }
    }

    private static int deflate(byte[] text, byte[] packed) {
        Deflater deflater = DEFLATER.get();
        deflater.reset();
        deflater.setInput(text);
        return deflater.deflate(packed, 0, packed.length, Deflater.SYNC_FLUSH);
    }
}
