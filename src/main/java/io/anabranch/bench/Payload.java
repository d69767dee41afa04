package io.anabranch.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.SplittableRandom;

/**
 * The data of the messages: an object that names the run, the channel and the publisher, counts,
 * and tells when it was due, filled up to a size. The fill is random, so that nothing compresses it
 * more than real data.
 */
final class Payload {
    /** What all but the fill may need. */
    static final int MIN_BYTES = 96;

    private static final String LETTERS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static final String END = "\"}";

    private final String run;
    private final String fill;
    private final int bytes;

    Payload(String run, int bytes, SplittableRandom random) {
        this.run = run;
        this.bytes = bytes;
        StringBuilder letters = new StringBuilder(bytes);
        for (int i = 0; i < bytes; i++) {
            letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        this.fill = letters.toString();
    }

    /** Names the run; no two that share a hub have the same. */
    String run() {
        return run;
    }

    int bytes() {
        return bytes;
    }

    /** JSON of exactly {@link #bytes()} ASCII characters. */
    String of(Outgoing message) {
        StringBuilder json = new StringBuilder(bytes);
        json.append("{\"b\":\"").append(run);
        json.append("\",\"c\":").append(message.channel());
        json.append(",\"p\":").append(message.publisher());
        json.append(",\"n\":").append(message.n());
        json.append(",\"t\":").append(message.atNanos());
        json.append(",\"x\":\"");
        json.append(fill, 0, bytes - json.length() - END.length()).append(END);
        return json.toString();
    }

    byte[] utf8(Outgoing message) {
        return of(message).getBytes(US_ASCII);
    }
}
