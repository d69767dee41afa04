package io.anabranch.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Locale;
import java.util.Optional;

/**
 * The head of an HTTP/1.1 response.
 *
 * @param length in bytes, with the empty line at its end
 */
record ResponseHead(int status, boolean chunked, int length) {
    private static final int MAX_BYTES = 64 * 1024;

    /**
     * Empty while it is not whole.
     *
     * @throws IllegalStateException when it is none
     */
    static Optional<ResponseHead> read(byte[] bytes, int length) {
        String text = new String(bytes, 0, Math.min(length, MAX_BYTES), ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            if (length >= MAX_BYTES) {
                throw new IllegalStateException("a response without an end of its head");
            }
            return Optional.empty();
        }
        String head = text.substring(0, end).toLowerCase(Locale.ROOT);
        if (!head.matches("(?s)http/1\\.[01] [0-9]{3}.*")) {
            throw new IllegalStateException("no response of HTTP/1.1");
        }
        return Optional.of(
                new ResponseHead(
                        Integer.parseInt(head.substring(9, 12)),
                        head.contains("\r\ntransfer-encoding: chunked"),
                        end + 4));
    }
}
