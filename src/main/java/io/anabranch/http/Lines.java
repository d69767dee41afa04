package io.anabranch.http;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Cuts a stream of bytes into lines, which are parts of what came, where they came whole. Of a line
 * that is too long it keeps nothing, tells of it once, and goes on with the next.
 */
final class Lines implements Handler<Buffer> {
    private final int maxBytes;
    private final Consumer<ByteBuffer> onLine;
    private final Runnable onTooLong;

    /** What came of the line whose end did not come yet. */
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

    private boolean tooLong;

    /**
     * @param maxBytes how long a line may be, in bytes, without its end
     */
    Lines(int maxBytes, Consumer<ByteBuffer> onLine, Runnable onTooLong) {
        this.maxBytes = maxBytes;
        this.onLine = onLine;
        this.onTooLong = onTooLong;
    }

    /** Takes over a part, which nobody may change afterwards. */
    @Override
    public void handle(Buffer part) {
        ByteBuffer bytes = RequestBody.bytes(part);
        int start = 0;
        for (int i = 0; i < bytes.limit(); i++) {
            if (bytes.get(i) == '\n') {
                endWith(bytes.slice(start, i - start));
                start = i + 1;
            }
        }
        take(bytes.slice(start, bytes.limit() - start));
    }

    /** The end of the stream, whose last line needs no end of its own. */
    void end() {
        endWith(ByteBuffer.allocate(0));
    }

    private void endWith(ByteBuffer part) {
        if (begun.size() == 0 && !tooLong && part.remaining() <= maxBytes) {
            tell(part);
            return;
        }
        take(part);
        boolean whole = !tooLong;
        byte[] line = begun.toByteArray();
        begun.reset();
        tooLong = false;
        if (whole) {
            tell(ByteBuffer.wrap(line));
        }
    }

    private void tell(ByteBuffer line) {
        if (line.hasRemaining()) {
            onLine.accept(line);
        }
    }

    private void take(ByteBuffer part) {
        if (tooLong) {
            return;
        }
        if (part.remaining() > maxBytes - begun.size()) {
            tooLong = true;
            begun.reset();
            onTooLong.run();
        } else {
            begun.write(part.array(), part.arrayOffset(), part.remaining());
        }
    }
}
