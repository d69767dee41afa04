package io.anabranch.bench;

import java.util.Arrays;

/**
 * Frames of a WebSocket, as a server sends them (RFC 6455 §5.2). Made for many small messages: no
 * object a message.
 */
final class WebSocketFraming implements Framing {
    private static final int FINAL_TEXT = 0x81;
    private static final int FINAL_CLOSE = 0x88;
    private static final int FINAL_PING = 0x89;
    private static final int FINAL_PONG = 0x8a;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;

    @Override
    public int read(byte[] bytes, int length, Frames out) {
        int at = 0;
        while (length - at >= 2) {
            int code = bytes[at + 1] & 0xff;
            int head = code == TWO_BYTES ? 4 : code == EIGHT_BYTES ? 10 : 2;
            if (length - at < head) {
                return at;
            }
            long size = head == 2 ? code : number(bytes, at + 2, at + head);
            if (code > EIGHT_BYTES || size < 0 || size > Integer.MAX_VALUE) {
                out.onClose("a frame of size code " + code + " (expected: unmasked, below 2 GiB)");
                return length;
            }
            if (length - at - head < size) {
                return at;
            }
            int from = at + head;
            at = from + (int) size;
            hand(bytes[from - head] & 0xff, bytes, from, at, out);
        }
        return at;
    }

    private static long number(byte[] bytes, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            number = number << 8 | (bytes[i] & 0xff);
        }
        return number;
    }

    private static void hand(int first, byte[] bytes, int from, int to, Frames out) {
        switch (first) {
            case FINAL_TEXT -> out.onFrame(bytes, from, to);
            case FINAL_PING -> out.onPing(Arrays.copyOfRange(bytes, from, to));
            case FINAL_PONG -> {}
            case FINAL_CLOSE ->
                    out.onClose(
                            to - from < 2
                                    ? "closed without a code"
                                    : "closed with " + number(bytes, from, from + 2));
            default -> out.onClose("a frame that begins with " + first + " (expected: whole text)");
        }
    }
}
