package io.anabranch.log;

import java.security.SecureRandom;

/** Makes the first half of an id: new whenever the log's past is lost (protocol, section 1). */
public final class Epoch {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final int LENGTH = 6;

    private Epoch() {}

    public static String random() {
        SecureRandom random = new SecureRandom();
        StringBuilder epoch = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            epoch.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return epoch.toString();
    }
}
