package io.anabranch.http;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;

/**
 * Cuts a stream of bytes into lines. Of a line that is too long it keeps nothing, tells of it once,
 * and goes on with the next.
 */
final class Lines implements Handler<Buffer> {
    private final int maxBytes;
    private final Handler<Buffer> onLine;
    private final Runnable onTooLong;
    private Buffer line = Buffer.buffer();
    private boolean tooLong;

    /**
     * @param maxBytes how long a line may be, in bytes, without its end
     */
    Lines(int maxBytes, Handler<Buffer> onLine, Runnable onTooLong) {
        this.maxBytes = maxBytes;
        this.onLine = onLine;
        this.onTooLong = onTooLong;
    }

    @Override
    public void handle(Buffer part) {
        int start = 0;
        for (int i = 0; i < part.length(); i++) {
            if (part.getByte(i) == '\n') {
                take(part, start, i);
                end();
                start = i + 1;
            }
        }
        take(part, start, part.length());
    }

    /** The end of a line, or of the stream, whose last line needs no end of its own. */
    void end() {
        Buffer whole = line;
        boolean keep = !tooLong && whole.length() > 0;
        line = Buffer.buffer();
        tooLong = false;
        if (keep) {
            onLine.handle(whole);
        }
    }

    private void take(Buffer part, int start, int end) {
        if (tooLong) {
            return;
        }
        if (end - start > maxBytes - line.length()) {
            tooLong = true;
            onTooLong.run();
        } else {
            line.appendBuffer(part, start, end - start);
        }
    }
}
