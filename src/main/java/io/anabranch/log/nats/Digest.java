package io.anabranch.log.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one hub, which follows the stream, tells the others of a part of it: where everything
 * stands, without the messages.
 *
 * @param writer who tells it: of two, the one whose name comes first is listened to
 * @param epoch of the log
 * @param from the part begins after this place
 * @param to the part's last place
 * @param entries all that stands there, in order
 */
record Digest(String writer, String epoch, long from, long to, List<Entry> entries) {
    /** Of what follows; another one is not understood. */
    private static final String FORMAT = "1";

    private static final int HEAD_FIELDS = 5;
    private static final int ENTRY_FIELDS = 4;

    Digest {
        entries = List.copyOf(entries);
    }

    byte[] encoded() {
        StringBuilder text = new StringBuilder(64 + entries.size() * 64);
        text.append(FORMAT).append(' ').append(writer).append(' ').append(epoch);
        text.append(' ').append(from).append(' ').append(to);
        for (Entry entry : entries) {
            text.append('\n').append(entry.seq()).append(' ').append(entry.time());
            text.append(' ').append(entry.cut()).append(' ').append(entry.subject());
        }
        return text.toString().getBytes(UTF_8);
    }

    /** Empty when it is none that this hub understands. */
    static Optional<Digest> decoded(byte[] bytes) {
        String[] lines = new String(bytes, UTF_8).split("\n", -1);
        String[] head = lines[0].split(" ", -1);
        if (head.length != HEAD_FIELDS || !head[0].equals(FORMAT)) {
            return Optional.empty();
        }
        try {
            List<Entry> entries = new ArrayList<>(lines.length - 1);
            for (int i = 1; i < lines.length; i++) {
                entries.add(entry(lines[i]));
            }
            long from = Long.parseLong(head[3]);
            return Optional.of(
                    new Digest(head[1], head[2], from, Long.parseLong(head[4]), entries));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Entry entry(String line) {
        String[] fields = line.split(" ", -1);
        if (fields.length != ENTRY_FIELDS) {
            throw new IllegalArgumentException(line);
        }
        return new Entry(
                Long.parseLong(fields[0]),
                Long.parseLong(fields[1]),
                Long.parseLong(fields[2]),
                fields[3]);
    }
}
