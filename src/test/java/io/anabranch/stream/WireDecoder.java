package io.anabranch.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads what goes over the wire by the letter of its standards, with nothing of the hub's. */
final class WireDecoder {
    private WireDecoder() {}

    /** What chunks carry (RFC 9112 §7.1). */
    static byte[] chunks(byte[] wire) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (at < wire.length) {
            int line = at;
            while (wire[line] != '\r') {
                line++;
            }
            int size = Integer.parseInt(new String(wire, at, line - at, UTF_8), 16);
            require(wire[line + 1] == '\n' && size > 0, "chunk size");
            out.write(wire, line + 2, size);
            at = line + 2 + size;
            require(wire[at] == '\r' && wire[at + 1] == '\n', "end of chunk");
            at += 2;
        }
        return out.toByteArray();
    }

    /** The texts of unmasked, unfragmented text frames (RFC 6455 §5.2). */
    static List<byte[]> textFrames(byte[] wire) {
        return textFrames(wire, false);
    }

    /** The same, with RSV1 for those that are compressed by themselves (RFC 7692 §7.2.2). */
    static List<byte[]> deflatedTextFrames(byte[] wire) {
        return textFrames(wire, true);
    }

    private static List<byte[]> textFrames(byte[] wire, boolean deflated) {
        List<byte[]> frames = new ArrayList<>();
        int at = 0;
        while (at < wire.length) {
            boolean isPacked = deflated && (wire[at] & 0x40) != 0;
            require((wire[at] & 0xff) == (isPacked ? 0xc1 : 0x81), "FIN and text");
            int length = wire[at + 1] & 0xff;
            require(length <= 127, "no mask");
            int bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
            long size = bytes == 0 ? length : 0;
            for (int i = 0; i < bytes; i++) {
                size = size << 8 | (wire[at + 2 + i] & 0xff);
            }
            require(bytes != 2 || size > 125, "shortest length");
            require(bytes != 8 || size > 65535, "shortest length");
            int start = at + 2 + bytes;
            byte[] payload = Arrays.copyOfRange(wire, start, start + (int) size);
            frames.add(isPacked ? inflated(payload) : payload);
            at = start + (int) size;
        }
        return frames;
    }

    private static byte[] inflated(byte[] packed) {
        byte[] whole = Arrays.copyOf(packed, packed.length + 4);
        whole[packed.length + 2] = (byte) 0xff;
        whole[packed.length + 3] = (byte) 0xff;
        Inflater inflater = new Inflater(true);
        inflater.setInput(whole);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[8_192];
        try {
            for (int n = inflater.inflate(piece); n > 0; n = inflater.inflate(piece)) {
                out.write(piece, 0, n);
            }
        } catch (DataFormatException e) {
            throw new AssertionError(e);
        } finally {
            inflater.end();
        }
        return out.toByteArray();
    }

    /** The blocks of an event stream (WHATWG HTML §9.2.6): each its fields, data lines joined. */
    static List<Map<String, String>> blocks(byte[] wire) {
        String text = new String(wire, UTF_8);
        require(text.endsWith("\n\n"), "an empty line ends the last block");
        List<Map<String, String>> blocks = new ArrayList<>();
        Map<String, String> block = new LinkedHashMap<>();
        for (String line : text.split("\r\n|\n|\r", -1)) {
            if (line.isEmpty()) {
                if (!block.isEmpty()) {
                    blocks.add(block);
                    block = new LinkedHashMap<>();
                }
                continue;
            }
            int colon = line.indexOf(':');
            String name = line.substring(0, colon);
            String value = line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            if (name.equals("data")) {
                block.merge("data", value, (a, b) -> a + "\n" + b);
            } else {
                require(block.put(name, value) == null, "one field " + name);
            }
        }
        return blocks;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("expected: " + what);
        }
    }
}
