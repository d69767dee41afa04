package io.anabranch.http;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Cuts a stream of bytes into lines. Of a line that is too long it keeps nothing, tells of it once,
 * and goes on with the next.
 */
final class Lines implements Handler<Buffer> {
    private final int maxBytes;
    private final Consumer<byte[]> onLine;
    private final Runnable onTooLong;

    /** What came of the line whose end did not come yet. */
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

    private boolean tooLong;

    /**
     * @param maxBytes how long a line may be, in bytes, without its end
     */
    Lines(int maxBytes, Consumer<byte[]> onLine, Runnable onTooLong) {
        this.maxBytes = maxBytes;
        this.onLine = onLine;
        this.onTooLong = onTooLong;
    }

    @Override
    public void handle(Buffer part) {
        byte[] bytes = part.getBytes();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                endWith(bytes, start, i);
                start = i + 1;
            }
        }
        take(bytes, start, bytes.length);
    }

    /** The end of the stream, whose last line needs no end of its own. */
    void end() {
        endWith(new byte[0], 0, 0);
    }

    private void endWith(byte[] bytes, int start, int end) {
        if (begun.size() == 0 && !tooLong && end - start <= maxBytes) {
            tell(Arrays.copyOfRange(bytes, start, end));
            return;
        }
        take(bytes, start, end);
        boolean whole = !tooLong;
        byte[] line = begun.toByteArray();
        begun.reset();
        tooLong = false;
        if (whole) {
            tell(line);
        }
    }

    private void tell(byte[] line) {
        if (line.length > 0) {
            onLine.accept(line);
        }
    }

    private void take(byte[] bytes, int start, int end) {
        if (tooLong) {
            return;
        }
        if (end - start > maxBytes - begun.size()) {
            tooLong = true;
            begun.reset();
            onTooLong.run();
        } else {
            begun.write(bytes, start, end - start);
        }
    }
}
